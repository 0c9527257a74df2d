//! Tokens of an identity provider, signed with keys that are made here.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use axum::body::Body;
use axum::http::{Request, header};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use settled_api::token::{KeySet, KeysUnavailable, TokenKeys};
use settled_api::{ApiConfig, AuthConfig, SandboxLogin};

use crate::app::{App, Backend, Reply, SECRET};

/// After every clock that these tests will meet.
const FAR: i64 = 4_102_444_800;
const ISSUER: &str = "https://idp.test";

/// Made once: it takes long.
static RSA: LazyLock<Key> = LazyLock::new(Key::rsa);

struct Fixed(Option<Arc<KeySet>>);

#[async_trait]
impl TokenKeys for Fixed {
    async fn keys_for(&self, _: &str) -> Result<Arc<KeySet>, KeysUnavailable> {
        self.0.clone().ok_or(KeysUnavailable)
    }
}

/// A key of the provider.
#[derive(Clone)]
struct Key {
    algorithm: Algorithm,
    signer: EncodingKey,
    kid: &'static str,
}

impl Key {
    fn rsa() -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // What PKCS#8 wraps: the library wants the key alone.
        Self { algorithm: Algorithm::RS256, signer: EncodingKey::from_rsa_der(pkcs1(pkcs8.as_ref())), kid: "rsa" }
    }

    fn ec() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let signer = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { algorithm: Algorithm::ES256, signer, kid: "ec" }
    }

    fn ed() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let signer = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { algorithm: Algorithm::EdDSA, signer, kid: "ed" }
    }

    fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.signer, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.kid.to_owned());
        serde_json::to_value(&jwk).unwrap()
    }

    fn header(&self) -> Header {
        Header { kid: Some(self.kid.to_owned()), ..Header::new(self.algorithm) }
    }

    fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.header(), claims)
    }

    fn sign_as(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.signer).unwrap()
    }
}

/// The `RSAPrivateKey` within a `PrivateKeyInfo`: the last element, behind version and algorithm.
fn pkcs1(pkcs8: &[u8]) -> &[u8] {
    // A 2048-bit key is longer than 256 bytes, so the lengths take two bytes: 30 82 .. .. 30 82.
    let start = pkcs8.windows(2).skip(4).position(|pair| pair == [0x30, 0x82]).unwrap() + 4;
    &pkcs8[start..]
}

fn claims() -> Value {
    json!({ "sub": "alice", "exp": FAR, "iss": ISSUER, "aud": "settled" })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn set(keys: &[Value]) -> Arc<KeySet> {
    Arc::new(KeySet::from_json(json!({ "keys": keys }).to_string().as_bytes()).unwrap())
}

fn app(keys: impl Into<Option<Arc<KeySet>>>) -> App {
    let mut backend = Backend::default();
    backend.store.expect_list_user_subscriptions().returning(|user_id, _, _| {
        assert_eq!(user_id.as_str(), "alice");
        Ok(Vec::new())
    });
    let auth = AuthConfig::of_provider(Arc::new(Fixed(keys.into())), ISSUER, "settled");
    backend.app_with(ApiConfig::new("http://shop.test".parse().unwrap(), auth).unwrap())
}

async fn ask(app: &App, token: &str) -> Reply {
    let request = Request::get("/api/subscription-status").header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.send(request.body(Body::empty()).unwrap()).await
}

#[track_caller]
fn assert_unauthorized(reply: &Reply, what: &str) {
    assert_eq!(reply.problem(), (401, "unauthorized".into()), "{what}");
}

#[tokio::test]
async fn tokens_of_every_kind_of_key_name_the_user() {
    let keys = [RSA.clone(), Key::ec(), Key::ed()];
    let app = app(set(&keys.iter().map(Key::jwk).collect::<Vec<_>>()));
    for key in keys {
        assert_eq!(ask(&app, &key.sign(&claims())).await.status, 200, "{}", key.kid);
    }
}

#[tokio::test]
async fn what_a_provider_has_not_signed_for_us_names_nobody() {
    let key = Key::ed();
    let app = app(set(&[key.jwk()]));
    for (what, claims) in [
        ("without an end", without(claims(), "exp")),
        ("expired", with(claims(), "exp", json!(1_000_000_000))),
        ("not valid yet", with(claims(), "nbf", json!(FAR - 1))),
        ("for another audience", with(claims(), "aud", json!("mail"))),
        ("for no audience", without(claims(), "aud")),
        ("of another issuer", with(claims(), "iss", json!("https://evil.test"))),
        ("of no issuer", without(claims(), "iss")),
        ("without a subject", without(claims(), "sub")),
        ("with a subject that is no user id", with(claims(), "sub", json!(""))),
    ] {
        assert_unauthorized(&ask(&app, &key.sign(&claims)).await, what);
    }
}

#[tokio::test]
async fn a_token_does_not_choose_how_it_is_checked() {
    let (rsa, ec) = (&*RSA, Key::ec());
    let app = app(set(&[rsa.jwk(), ec.jwk()]));
    let sign_hs256 = |secret: &[u8], kid: &str| {
        let header = Header { kid: Some(kid.into()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap()
    };
    let modulus = rsa.jwk()["n"].as_str().unwrap().as_bytes().to_vec();
    // {"alg":"none","kid":"rsa"}
    let payload = rsa.sign(&claims()).split('.').nth(1).unwrap().to_owned();
    let unsigned = format!("eyJhbGciOiJub25lIiwia2lkIjoicnNhIn0.{payload}.");
    let other_algorithm = Header { alg: Algorithm::RS512, ..rsa.header() };
    let other_key = Header { kid: Some("ec".into()), ..rsa.header() };
    for (what, token) in [
        ("the public key as a shared secret", sign_hs256(&modulus, "rsa")),
        ("a shared secret where keys are expected", sign_hs256(SECRET.as_bytes(), "rsa")),
        ("no signature", unsigned),
        ("an algorithm that is not taken", rsa.sign_as(&other_algorithm, &claims())),
        ("the name of a key of another type", rsa.sign_as(&other_key, &claims())),
    ] {
        assert_unauthorized(&ask(&app, &token).await, what);
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_looked_at() {
    let (theirs, own) = (Key::ed(), Key::ed());
    let app = app(set(&[theirs.jwk()]));
    let brought = Header {
        jwk: Some(serde_json::from_value(own.jwk()).unwrap()),
        jku: Some("https://evil.test/keys".into()),
        x5u: Some("https://evil.test/cert".into()),
        ..own.header()
    };
    assert_unauthorized(&ask(&app, &own.sign_as(&brought, &claims())).await, "its own key");
}

#[tokio::test]
async fn the_header_of_a_token_must_be_one_that_we_understand() {
    let key = Key::ed();
    let app = app(set(&[key.jwk()]));
    let typed = |typ: &str| Header { typ: Some(typ.into()), ..key.header() };
    for typ in ["JWT", "at+jwt", "application/at+jwt", "AT+JWT"] {
        assert_eq!(ask(&app, &key.sign_as(&typed(typ), &claims())).await.status, 200, "{typ}");
    }
    let untyped = Header { typ: None, ..key.header() };
    assert_eq!(ask(&app, &key.sign_as(&untyped, &claims())).await.status, 200);
    for (what, header) in [
        ("a logout token", typed("logout+jwt")),
        ("a proof of possession", typed("dpop+jwt")),
        ("an extension that must be understood", Header { crit: Some(vec!["exp".into()]), ..key.header() }),
        ("no name of a key", Header { kid: None, ..key.header() }),
        ("an empty name of a key", Header { kid: Some(String::new()), ..key.header() }),
        ("a key that nobody has", Header { kid: Some("other".into()), ..key.header() }),
    ] {
        assert_unauthorized(&ask(&app, &key.sign_as(&header, &claims())).await, what);
    }
}

#[tokio::test]
async fn keys_for_other_things_check_no_tokens() {
    let key = Key::ec();
    let secret = json!({ "kty": "oct", "kid": "ec", "alg": "HS256", "k": "c2VjcmV0" });
    for (what, jwk) in [
        ("for encryption", with(key.jwk(), "use", json!("enc"))),
        ("for signing only", with(key.jwk(), "key_ops", json!(["sign"]))),
        ("for another algorithm", with(key.jwk(), "alg", json!("ES384"))),
        ("without a name", without(key.jwk(), "kid")),
        ("of another curve", with(key.jwk(), "crv", json!("P-384"))),
        ("a shared secret", secret),
    ] {
        assert_unauthorized(&ask(&app(set(&[jwk])), &key.sign(&claims())).await, what);
    }
}

#[tokio::test]
async fn one_odd_key_does_not_spoil_the_others() {
    let key = Key::ed();
    let odd = [json!("?"), json!({ "kty": "future", "kid": "ed" }), json!({ "kty": "RSA", "kid": "ed", "n": "!" })];
    let app = app(set(&[&odd[..], &[key.jwk()]].concat()));
    assert_eq!(ask(&app, &key.sign(&claims())).await.status, 200);
}

#[tokio::test]
async fn a_weak_rsa_key_signs_nothing_that_counts() {
    let key = &*RSA;
    let jwk = with(key.jwk(), "n", json!("sXch".repeat(32)));
    assert_unauthorized(&ask(&app(set(&[jwk])), &key.sign(&claims())).await, "768 bits");
}

#[tokio::test]
async fn when_keys_cannot_be_had_the_user_is_asked_to_come_back_and_not_to_sign_in() {
    let reply = ask(&app(None), &Key::ed().sign(&claims())).await;
    assert_eq!(reply.problem(), (503, "identity_provider_unavailable".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), Some("5"));
}

#[tokio::test]
async fn what_could_never_be_valid_does_not_make_the_provider_be_asked() {
    // Asking would be a 503 here.
    let app = app(None);
    let key = Key::ed();
    let long = key.sign(&with(claims(), "pad", json!("x".repeat(8 * 1024))));
    let other = Header { alg: Algorithm::HS256, ..key.header() };
    let shared = encode(&other, &claims(), &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    for (what, token) in [("nonsense", "a.b.c".to_owned()), ("too long", long), ("a shared secret", shared)] {
        assert_unauthorized(&ask(&app, &token).await, what);
    }
}

#[tokio::test]
async fn visitors_of_the_sandbox_cannot_be_signed_in_with_a_providers_keys() {
    let auth = AuthConfig::of_provider(Arc::new(Fixed(None)), ISSUER, "settled");
    let config = ApiConfig::new("http://shop.test".parse().unwrap(), auth).unwrap();
    let app = Backend::default().app_with(config.with_sandbox_login(SandboxLogin::Enabled));
    let reply = app.post("/sandbox/login", r#"{"user_id":"bob"}"#).await;
    assert_eq!(reply.problem(), (500, "internal".into()));
    assert_eq!(reply.header(header::SET_COOKIE), None);
}
