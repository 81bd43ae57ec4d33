// Who is in the demo's data, as demo.json tells it, and the parts they play in the stories.

export type Membership = { kind: "account" | "portfolio"; id: string; name: string; role: string };

export type Person = {
  email: string;
  password: string;
  totp_secret: string | null;
  backup_codes: string[];
  state: "active" | "locked_out" | "reset_pending" | "reset_expired" | "no_mfa" | "deactivated";
  memberships: Membership[];
};

export type Account = { id: string; name: string; plan: "free" | "paid"; require_mfa: boolean; portfolio_id: string | null };

/** Where users are listed: an account, or a portfolio as somebody's membership names it. */
export type Listed = Account | Membership;

export type Demo = { base_url: string; accounts: Account[]; users: Person[] };

/** Keys and labels of roles are the same word here. */
const key = (role: string) => role.toLowerCase().replaceAll(" ", "_");

export class People {
  readonly #demo: Demo;

  constructor(demo: Demo) {
    this.#demo = demo;
  }

  /** The first of the demo: Owner of a paid account, with an authenticator. */
  get owner(): Person {
    return this.#demo.users[0] as Person;
  }

  /** The account that most stories play in: the first Owner's, paid, so a second factor is required. */
  get account(): Account {
    return this.accountWhere((account) => this.roleIn(this.owner, account) === "owner" && account.plan === "paid");
  }

  /** The portfolio that the first Owner holds as well. */
  get portfolio(): Membership {
    const portfolio = this.owner.memberships.find(({ kind }) => kind === "portfolio");
    if (!portfolio) throw new Error("The demo has no portfolio.");
    return portfolio;
  }

  get accounts(): Account[] {
    return this.#demo.accounts;
  }

  get everybody(): Person[] {
    return this.#demo.users;
  }

  accountWhere(fits: (account: Account) => boolean): Account {
    const account = this.#demo.accounts.find(fits);
    if (!account) throw new Error(`No such account in the demo: ${fits}`);
    return account;
  }

  roleIn(person: Person, account: Account): string | undefined {
    const membership = person.memberships.find(({ kind, id }) => kind === "account" && id === account.id);
    return membership && key(membership.role);
  }

  /** Somebody who fits; where possible somebody who belongs nowhere else, so that nothing else has a say. */
  who(fits: (person: Person) => boolean): Person {
    const fitting = this.#demo.users.filter(fits);
    const person = fitting.find(({ memberships }) => memberships.length === 1) ?? fitting[0];
    if (!person) throw new Error(`Nobody in the demo fits: ${fits}`);
    return person;
  }

  /** An active person with an authenticator and this role in the portfolio. */
  ofPortfolio(role: string): Person {
    return this.who(({ state, totp_secret, memberships }) =>
      state === "active" && totp_secret !== null && memberships.some((one) => one.kind === "portfolio" && key(one.role) === role));
  }

  /** An active person with an authenticator and this role in the account. */
  the(role: string, account = this.account): Person {
    return this.who(
      (person) => person.state === "active" && person.totp_secret !== null && this.roleIn(person, account) === role,
    );
  }
}
