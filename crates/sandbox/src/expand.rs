//! `expand[]`: objects in the place of their ids.
//!
//! <https://docs.stripe.com/api/expanding_objects>

use serde_json::{Value, json};

use crate::errors::StripeError;
use crate::objects::Resource;
use crate::store::State;

const MAX_DEPTH: usize = 4;

/// Expands `paths` within one object, or, as `data.…`, within every member of a list.
pub(crate) fn expand(value: &mut Value, paths: &[String], state: &State) -> Result<(), StripeError> {
    for path in paths {
        let segments: Vec<_> = path.split('.').collect();
        let in_list = usize::from(segments.first() == Some(&"data"));
        if segments.len() > MAX_DEPTH + in_list {
            return Err(StripeError::invalid(format!(
                "You cannot expand more than {MAX_DEPTH} levels of a property. You attempted to \
                 expand: {path}"
            ))
            .with_param("expand"));
        }
        expand_path(value, &segments, state).map_err(|field| {
            StripeError::invalid(format!("This property cannot be expanded ({field}).")).with_param("expand")
        })?;
    }
    Ok(())
}

/// The error is the name of the field that cannot be expanded.
fn expand_path<'p>(value: &mut Value, path: &[&'p str], state: &State) -> Result<(), &'p str> {
    let Some((field, rest)) = path.split_first() else {
        return Ok(());
    };
    match value {
        Value::Array(members) => members.iter_mut().try_for_each(|member| expand_path(member, path, state)),
        Value::Object(fields) => {
            if !fields.contains_key(*field) {
                let included = include(value, field, state).ok_or(*field)?;
                value[*field] = included;
            }
            let target = &mut value[*field];
            match target {
                Value::Null => Ok(()),
                Value::String(id) => {
                    if *field == "id" || *field == "object" {
                        return Err(field);
                    }
                    *target = state.render(id).ok_or(*field)?;
                    expand_path(target, rest, state)
                }
                // The one list of ids.
                Value::Array(members) if *field == "discounts" => members.iter_mut().try_for_each(|member| {
                    if let Value::String(id) = member {
                        *member = state.render(id).ok_or(*field)?;
                    }
                    expand_path(member, rest, state)
                }),
                Value::Object(_) | Value::Array(_) if *field == "data" || !rest.is_empty() => {
                    expand_path(target, rest, state)
                }
                Value::Object(object) if object.contains_key("object") => Ok(()),
                _ => Err(field),
            }
        }
        _ => Err(field),
    }
}

/// Fields that an object has only when they are asked for.
fn include(object: &Value, field: &str, state: &State) -> Option<Value> {
    let id = object["id"].as_str()?;
    match (object["object"].as_str()?, field) {
        ("checkout.session", "line_items") => Some(state.sessions.get(id)?.render_line_items(state)),
        ("charge", "refunds") => Some(refunds(state, id)),
        ("invoice", "payments") => Some(state.invoices.get(id)?.render_payments()),
        _ => None,
    }
}

fn refunds(state: &State, charge: &str) -> Value {
    let refunds = state.refunds.newest_first().filter(|refund| refund.charge == charge);
    let data: Vec<_> = refunds.map(|refund| refund.render(state)).collect();
    json!({ "object": "list", "data": data, "has_more": false, "url": format!("/v1/charges/{charge}/refunds") })
}
