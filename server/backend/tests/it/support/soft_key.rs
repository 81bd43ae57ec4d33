//! An authenticator in software (WebAuthn §6): makes key pairs and signs challenges as a security key does, and as none
//! should, where a test asks for that.

use backend::crypto::Random;
use data_encoding::BASE64URL_NOPAD;
use domain::authenticators::PasskeyCeremony;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// A key of one person for one site.
#[derive(Clone)]
pub struct SoftKey {
    signing: SigningKey,
    pub id: Vec<u8>,
    /// How often it was used; 0 for ever where it does not count.
    counter: u32,
    counts: bool,
    user_handle: Option<Value>,
}

/// What an answer says, before it is signed.
pub struct Said {
    pub kind: &'static str,
    pub challenge: String,
    pub origin: String,
    pub rp_id: String,
    pub flags: u8,
    pub user_handle: Option<Value>,
}

impl SoftKey {
    /// A key that counts.
    pub fn new(random: &Random) -> Self {
        let secret: [u8; 32] = random.bytes();
        let signing = SigningKey::from_slice(&secret).unwrap();
        Self { signing, id: random.bytes::<20>().to_vec(), counter: 0, counts: true, user_handle: None }
    }

    /// A synchronised passkey: it does not count.
    pub fn that_does_not_count(self) -> Self {
        Self { counts: false, ..self }
    }

    /// One with another secret, that gives the id of `key` for its own.
    pub fn that_claims_to_be(self, key: &Self) -> Self {
        Self { signing: self.signing, ..key.clone() }
    }

    /// `navigator.credentials.create`.
    pub fn created(&mut self, asked: &PasskeyCeremony) -> String {
        self.created_saying(asked, |_| {})
    }

    pub fn created_saying(&mut self, asked: &PasskeyCeremony, change: impl FnOnce(&mut Said)) -> String {
        let options: Value = serde_json::from_str(&asked.options).unwrap();
        self.user_handle = Some(options["user"]["id"].clone());
        let rp_id = options["rp"]["id"].as_str().unwrap().to_owned();
        let mut said = self.said("webauthn.create", &options, asked, rp_id, ATTESTED);
        change(&mut said);
        let point = self.signing.verifying_key().to_sec1_point(false);
        let mut data = self.authenticator_data(&said);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // A COSE key (RFC 9053): EC2, ES256, P-256, x, y.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 0x20]);
        data.extend(point.y().unwrap());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let response = json!({ "attestationObject": text(&object), "clientDataJSON": text(&client_data(&said)) });
        self.credential(response)
    }

    /// `navigator.credentials.get`.
    pub fn answered(&mut self, asked: &PasskeyCeremony) -> String {
        self.answered_saying(asked, |_| {})
    }

    pub fn answered_saying(&mut self, asked: &PasskeyCeremony, change: impl FnOnce(&mut Said)) -> String {
        let options: Value = serde_json::from_str(&asked.options).unwrap();
        self.counter += u32::from(self.counts);
        let rp_id = options["rpId"].as_str().unwrap().to_owned();
        let mut said = self.said("webauthn.get", &options, asked, rp_id, 0);
        change(&mut said);
        let (data, client) = (self.authenticator_data(&said), client_data(&said));
        let signed = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
        let signature: Signature = self.signing.sign(&signed);
        self.credential(json!({
            "authenticatorData": text(&data),
            "clientDataJSON": text(&client),
            "signature": text(signature.to_der().as_bytes()),
            "userHandle": said.user_handle,
        }))
    }

    fn said(&self, kind: &'static str, options: &Value, asked: &PasskeyCeremony, rp_id: String, flags: u8) -> Said {
        Said {
            kind,
            challenge: options["challenge"].as_str().unwrap().to_owned(),
            origin: asked.origin.clone(),
            rp_id,
            flags: flags | USER_PRESENT | USER_VERIFIED,
            user_handle: self.user_handle.clone(),
        }
    }

    fn authenticator_data(&self, said: &Said) -> Vec<u8> {
        let mut data = Sha256::digest(&said.rp_id).to_vec();
        data.push(said.flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn credential(&self, response: Value) -> String {
        let id = text(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }
}

/// Without the person's PIN or finger.
pub fn unverified(said: &mut Said) {
    said.flags &= !USER_VERIFIED;
}

/// An answer of which this part was changed on the way, after it was signed.
pub fn tampered(answer: &str, part: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    let said = answer["response"][part].as_str().unwrap_or_else(|| panic!("no {part} in {answer}"));
    let mut bytes = BASE64URL_NOPAD.decode(said.as_bytes()).unwrap();
    change(&mut bytes);
    answer["response"][part] = text(&bytes).into();
    answer.to_string()
}

fn client_data(said: &Said) -> Vec<u8> {
    let Said { kind, challenge, origin, .. } = said;
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false }).to_string().into_bytes()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
