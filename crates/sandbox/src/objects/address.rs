//! Postal addresses.

use serde::{Deserialize, Serialize};

use crate::errors::StripeError;
use crate::params::Params;

/// An address of which everything may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) city: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) line1: Option<String>,
    pub(crate) line2: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) state: Option<String>,
}

impl Address {
    /// Reads the group `key`, if it is there.
    pub(crate) fn read(params: &mut Params, key: &str) -> Result<Option<Self>, StripeError> {
        let Some(mut group) = params.group(key)? else {
            return Ok(None);
        };
        let address = Self {
            city: group.text("city")?,
            country: group.text("country")?,
            line1: group.text("line1")?,
            line2: group.text("line2")?,
            postal_code: group.text("postal_code")?,
            state: group.text("state")?,
        };
        group.finish()?;
        Ok(Some(address))
    }
}

/// Where a parcel goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shipping {
    pub(crate) address: Address,
    pub(crate) carrier: Option<String>,
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) tracking_number: Option<String>,
}

impl Shipping {
    /// Reads the group `shipping`, if it is there.
    pub(crate) fn read(params: &mut Params) -> Result<Option<Self>, StripeError> {
        let Some(mut group) = params.group("shipping")? else {
            return Ok(None);
        };
        let address_name = group.full_name("address");
        let shipping = Self {
            address: Address::read(&mut group, "address")?.ok_or_else(|| StripeError::missing(&address_name))?,
            name: group.required_text("name")?,
            phone: group.text("phone")?,
            carrier: group.text("carrier")?,
            tracking_number: group.text("tracking_number")?,
        };
        group.finish()?;
        Ok(Some(shipping))
    }
}
