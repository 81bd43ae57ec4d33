//! stub
use crate::{
    Backend, Result, Visitor,
    crypto::{LinkToken, Password},
};
use domain::{passwords::LinkState, person::EmailAddress};
/// Mails a link, if the address is known. The answer is the same if it is not.
pub async fn request(_b: &Backend, _v: &Visitor, _email: &EmailAddress) -> Result<()> {
    todo!()
}
/// What the link is good for. Changes nothing.
pub async fn peek(_b: &Backend, _t: &LinkToken) -> Result<LinkState> {
    todo!()
}
/// Sets the password. Does not sign in and touches no second factor.
pub async fn set(_b: &Backend, _v: &Visitor, _t: &LinkToken, _password: Password) -> Result<()> {
    todo!()
}
