//! stub
use crate::{Backend, Result, Visitor};
use domain::{
    ids::*,
    sessions::{Demands, MySessions, Proof, Standing, StepUp},
    time::Timestamp,
};
/// A person's session, with what was proven in it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The request.
    pub visitor: Visitor,
    /// Which session.
    pub session_id: SessionId,
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their language.
    pub language: String,
    /// Their time zone.
    pub time_zone: String,
    /// The epoch under which the session was made, which is the present one.
    pub epoch: i64,
    /// When the session began.
    pub established_at: Timestamp,
    /// What was proven.
    pub proofs: Vec<Proof>,
    /// What the present state of the world asks.
    pub demands: Demands,
}
impl Caller {
    /// What the session may do.
    pub fn standing(&self) -> Standing {
        domain::sessions::standing(&self.proofs, self.demands)
    }
    /// How lately the person proved who they are.
    pub fn step_up(&self, now: Timestamp) -> StepUp {
        domain::sessions::step_up(&self.proofs, self.demands.has_authenticator, now)
    }
}
/// Who sends this request.
pub async fn caller(_b: &Backend, _v: &Visitor) -> Result<Caller> {
    todo!()
}
/// Own sessions and devices.
pub async fn mine(_b: &Backend, _c: &Caller) -> Result<MySessions> {
    todo!()
}
/// Ends one own session.
pub async fn end(_b: &Backend, _c: &Caller, _id: SessionId) -> Result<()> {
    todo!()
}
/// Ends all own sessions but this.
pub async fn end_others(_b: &Backend, _c: &Caller) -> Result<()> {
    todo!()
}
/// Forgets a recognised browser.
pub async fn forget_device(_b: &Backend, _c: &Caller, _id: DeviceId) -> Result<()> {
    todo!()
}
