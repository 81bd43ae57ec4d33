//! A browser: what it was handed it holds, and gives back with every request, as cookies do.

use super::{Person, SoftKey, World};
use backend::{
    Backend, Caller, Result, Visitor,
    crypto::Password,
    mfa_reset, sessions,
    sign_in::{self, SignedIn},
};
use domain::{
    authenticators::PasskeyCeremony,
    person::{EmailAddress, Name},
    scope::Scope,
    sessions::Standing,
};

/// One browser and what it holds.
pub struct Browser<'w> {
    world: &'w World,
    /// Which server it talks to.
    pub backend: Backend,
    /// What it sends.
    pub visitor: Visitor,
    /// Where the last step led.
    pub scope: Option<Scope>,
}

impl World {
    /// A browser that was never seen.
    pub fn browser(&self) -> Browser<'_> {
        Browser { world: self, backend: self.backend.clone(), visitor: self.visitor(), scope: None }
    }

    /// A browser in which this person is signed in, every step taken.
    pub async fn signed_in(&self, person: &Person) -> Browser<'_> {
        let mut browser = self.browser();
        browser.sign_in(person).await;
        browser
    }
}

impl Browser<'_> {
    /// From this network address.
    pub fn at(mut self, address: impl Into<std::net::IpAddr>) -> Self {
        self.visitor.address = Some(address.into());
        self
    }

    /// The same cookies once more, for a request that goes out at the same moment.
    pub fn twin(&self) -> Self {
        let (world, backend, visitor) = (self.world, self.backend.clone(), self.visitor.clone());
        Self { world, backend, visitor, scope: self.scope }
    }

    /// Who sends this.
    pub async fn caller(&self) -> Result<Caller> {
        sessions::caller(&self.backend, &self.visitor).await
    }

    /// Who sends this, where somebody must be signed in.
    pub async fn me(&self) -> Caller {
        self.caller().await.unwrap()
    }

    /// Address and password as they are typed.
    pub async fn type_in(&mut self, email: &str, password: &str) -> Result<Standing> {
        let email = EmailAddress::parse(email).unwrap();
        let step = sign_in::sign_in(&self.backend, &self.visitor, &email, Password::new(password.into())).await?;
        Ok(self.take(step))
    }

    /// This person's address and password.
    pub async fn password(&mut self, person: &Person) -> Result<Standing> {
        self.type_in(&person.email, &person.password).await
    }

    /// The code that was mailed for this browser.
    pub async fn device_code(&mut self, code: &str) -> Result<Standing> {
        let step = sign_in::submit_device_code(&self.backend, &self.me().await, code).await?;
        Ok(self.take(step))
    }

    /// A code of the authenticator app.
    pub async fn code(&mut self, code: &str) -> Result<Standing> {
        let step = sign_in::submit_totp(&self.backend, &self.me().await, code, false).await?;
        Ok(self.take(step))
    }

    /// A code of the authenticator app, with “Don't ask again on this device”.
    pub async fn code_and_trust(&mut self, code: &str) -> Result<Standing> {
        let step = sign_in::submit_totp(&self.backend, &self.me().await, code, true).await?;
        Ok(self.take(step))
    }

    /// A backup code.
    pub async fn backup_code(&mut self, code: &str) -> Result<Standing> {
        let step = sign_in::submit_backup_code(&self.backend, &self.me().await, code).await?;
        Ok(self.take(step))
    }

    /// The password again, as step-up.
    pub async fn password_again(&mut self, password: &str) -> Result<Standing> {
        let password = Password::new(password.into());
        let step = sign_in::submit_password(&self.backend, &self.me().await, password).await?;
        Ok(self.take(step))
    }

    /// Binds the authenticator app that this browser is shown; answers with its seed.
    pub async fn enrol(&mut self) -> Result<Vec<u8>> {
        let caller = self.me().await;
        let shown = backend::authenticators::totp_enrolment(&self.backend, &caller).await?;
        let seed = data_encoding::BASE32_NOPAD.decode(shown.key.replace(' ', "").as_bytes()).unwrap();
        let code = super::people::code_of(&seed, self.world.now());
        let name = Name::parse("Phone").unwrap();
        let step = backend::authenticators::bind_totp(&self.backend, &caller, &name, &code).await?;
        self.take(step);
        Ok(seed)
    }

    /// Is asked for a new passkey.
    pub async fn begin_binding(&self, signs_in: bool) -> Result<PasskeyCeremony> {
        backend::passkeys::begin_binding(&self.backend, &self.me().await, signs_in).await
    }

    /// What an authenticator said to that.
    pub async fn finish_binding(&mut self, asked: &PasskeyCeremony, answer: &str) -> Result<Standing> {
        let name = Name::parse("Key").unwrap();
        let step = backend::passkeys::bind(&self.backend, &self.me().await, asked.id, &name, answer).await?;
        Ok(self.take(step))
    }

    /// Binds this key.
    pub async fn bind_passkey(&mut self, key: &mut SoftKey, signs_in: bool) -> Result<Standing> {
        let asked = self.begin_binding(signs_in).await?;
        let answer = key.created(&asked);
        self.finish_binding(&asked, &answer).await
    }

    /// What an authenticator said when asked for proof.
    pub async fn answer(&mut self, asked: &PasskeyCeremony, answer: &str) -> Result<Standing> {
        let step = backend::passkeys::prove(&self.backend, &self.me().await, asked.id, answer, false).await?;
        Ok(self.take(step))
    }

    /// Proves it with this key.
    pub async fn passkey(&mut self, key: &mut SoftKey) -> Result<Standing> {
        let asked = backend::passkeys::begin_proof(&self.backend, &self.me().await).await?;
        let answer = key.answered(&asked);
        self.answer(&asked, &answer).await
    }

    /// What an authenticator said when asked who signs in.
    pub async fn sign_in_by(&mut self, asked: &PasskeyCeremony, answer: &str) -> Result<Standing> {
        let step = backend::passkeys::sign_in(&self.backend, &self.visitor, asked.id, answer).await?;
        Ok(self.take(step))
    }

    /// Makes new backup codes and reads them.
    pub async fn make_backup_codes(&mut self) -> Vec<String> {
        let caller = self.me().await;
        backend::authenticators::make_backup_codes(&self.backend, &caller).await.unwrap();
        // They are told of it.
        self.world.deliver().await;
        self.shown_backup_codes().await.unwrap()
    }

    /// The backup codes that this browser is shown now.
    pub async fn shown_backup_codes(&self) -> Option<Vec<String>> {
        let shown = backend::authenticators::fresh_backup_codes(&self.backend, &self.me().await).await.unwrap();
        shown.map(|shown| shown.codes)
    }

    /// Goes through every step, with the code of the app or the one that is mailed. Half a minute goes by first, because
    /// a code of the app is accepted once.
    pub async fn sign_in(&mut self, person: &Person) -> Standing {
        self.world.advance(std::time::Duration::from_secs(30));
        let mut standing = self.password(person).await.unwrap();
        loop {
            standing = match standing {
                Standing::AwaitingMfa => self.code(&person.code(self.world)).await.unwrap(),
                Standing::AwaitingDeviceCode => {
                    let code = self.world.mailed_code(person).await;
                    self.device_code(&code).await.unwrap()
                }
                Standing::EnrolOnly | Standing::EnrolPhishingResistant | Standing::NeedsSso(_) | Standing::Enter => {
                    return standing;
                }
            };
        }
    }

    /// Follows a mailed link and accepts; keeps the cookie of the accepted reset.
    pub async fn accept(&mut self, link: &backend::crypto::LinkToken) -> Result<()> {
        let accepted = mfa_reset::accept(&self.backend, &self.visitor, link, "").await?;
        self.visitor.returning = Some(accepted.returning);
        Ok(())
    }

    /// Keeps what a step handed out.
    pub fn take(&mut self, step: SignedIn) -> Standing {
        self.visitor.session = Some(step.session);
        self.visitor.known_device = step.known_device.or(self.visitor.known_device.take());
        if step.used_return {
            self.visitor.returning = None;
        }
        self.scope = step.scope.or(self.scope);
        step.standing
    }
}
