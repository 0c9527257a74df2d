use serde::Deserialize;

/// A customer as JSON, or what is left of a deleted one: <https://docs.stripe.com/api/customers/retrieve>.
#[derive(Debug, Deserialize)]
pub(crate) struct CustomerObject {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) deleted: bool,
}
