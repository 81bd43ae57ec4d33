//! A secret at rest.

/// A secret sealed under a master key (XChaCha20-Poly1305, 24 bytes of nonce first), with that key's id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Which master key opens it.
    pub key_id: i32,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}
