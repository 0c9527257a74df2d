use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderName, header};

use crate::error::ApiError;
use crate::openapi::refusals;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
/// For editors and compilers that load the types from here; browsers don't.
const TS: &str = "text/plain; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, content type and content of every file. They are a few kilobytes and change with the program, so they are sent
/// like everything else: not to be stored, never stale.
const ASSETS: &[(&str, &str, &str)] = &[
    ("settled.css", CSS, include_str!("../../assets/settled.css")),
    ("api.js", JS, include_str!("../../assets/api.js")),
    ("money.js", JS, include_str!("../../assets/money.js")),
    ("settled.js", JS, include_str!("../../assets/settled.js")),
    ("settled.d.ts", TS, include_str!("../../assets/settled.d.ts")),
    ("storefront.js", JS, include_str!("../../assets/storefront.js")),
    ("success.js", JS, include_str!("../../assets/success.js")),
    ("standing.js", JS, include_str!("../../assets/standing.js")),
    ("success-view.js", JS, include_str!("../../assets/success-view.js")),
    ("success-page.js", JS, include_str!("../../assets/success-page.js")),
    ("icon.svg", SVG, include_str!("../../assets/icon.svg")),
];

refusals!(Refusals { NotFound });

/// A file of the pages.
#[utoipa::path(
    get,
    path = "/assets/{name}",
    operation_id = "getAsset",
    tag = "pages",
    params(("name" = String, Path, description = "Its name.", example = "settled.css")),
    responses(
        (
            status = 200, description = "The file.",
            content(
                (String = "text/css"), (String = "text/javascript"), (String = "text/plain"), (String = "image/svg+xml"),
            ),
        ),
        Refusals,
    ),
)]
pub(crate) async fn get(
    name: Result<Path<String>, PathRejection>,
) -> Result<([(HeaderName, &'static str); 1], &'static str), ApiError> {
    // A name that is not UTF-8 is the name of nothing.
    let Path(name) = name.map_err(|_| ApiError::NotFound)?;
    let asset = ASSETS.iter().find(|(known, ..)| *known == name);
    let (_, content_type, content) = asset.ok_or(ApiError::NotFound)?;
    Ok(([(header::CONTENT_TYPE, *content_type)], *content))
}

#[cfg(test)]
mod tests {
    use super::ASSETS;
    use crate::pages::price_text::{THREE_DECIMALS, ZERO_DECIMALS};

    fn content(name: &str) -> &'static str {
        ASSETS.iter().find(|(known, ..)| *known == name).unwrap().2
    }

    #[test]
    fn the_success_page_exports_the_methods_of_the_flow() {
        for method in ["pollPaymentStatus(sessionId", "handleStatusResponse(", "handleTimeout("] {
            let is_exported = [format!("export function {method}"), format!("export async function {method}")]
                .iter()
                .any(|head| content("success.js").contains(head.as_str()));
            assert!(is_exported, "{method}");
        }
    }

    #[test]
    fn browser_and_server_agree_on_which_currencies_have_no_two_decimals() {
        let list = |codes: &[&str]| codes.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ");
        let without_breaks = content("money.js").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(without_breaks.contains(&list(ZERO_DECIMALS)));
        assert!(without_breaks.contains(&list(THREE_DECIMALS)));
    }

    #[test]
    fn no_script_loads_anything_from_elsewhere() {
        for (name, _, content) in ASSETS {
            let foreign = content.replace("http://www.w3.org/2000/svg", "").contains("//cdn");
            assert!(!foreign && !content.contains("@import"), "{name}");
            assert!(!content.contains("innerHTML") && !content.contains("eval("), "{name}");
        }
    }
}
