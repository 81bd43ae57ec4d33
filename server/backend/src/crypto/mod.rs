//! Secrets: how they are made, kept, derived and compared. Nothing here can be printed or serialised.

pub mod breach_list;
mod keys;
mod password;
mod random;
mod seal;
mod token;

pub use breach_list::BreachList;
pub use keys::{Keys, MasterKey, MasterKeyProblem, Purpose};
pub use password::{Argon2Cost, Password, PasswordHasher, is_common};
pub use random::Random;
pub use seal::Sealed;
pub use token::{DeviceToken, LinkToken, Nonce, ReturnToken, SessionToken, TokenDigest};
