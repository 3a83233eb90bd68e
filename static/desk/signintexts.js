// The words of the sign-in form, for every page that has it.

import { define } from "../lib/i18n.js";

define("en", {
  sign_in: "Sign in to the desk",
  name: "Name",
  password: "Password",
  enter: "Sign in",
  sign_in_with: "Sign in with {name}",
  refused_down: "The sign-in service of your company does not answer right now. Try again in a minute, or use name and password.",
  refused_stale: "This sign-in took too long or was begun in another window. Please begin again.",
  refused_denied: "The sign-in service of your company did not let you in.",
  refused_untrusted: "What the sign-in service of your company sent could not be trusted, so you are not signed in. Begin again; if it happens again, tell whoever runs this server.",
  refused_no_role: "Your company account has no role at this desk. Ask whoever gives out accounts to add one.",
  refused_elsewhere: "Only verified mail addresses of the company are let in here, and your account has none.",
  refused_failed: "That did not work. Please try again.",
  demo_as: "Demo: sign in as {name}",
  code: "Code of your app",
  not_sent: "No connection: nothing was sent. Try again in a moment.",
});
