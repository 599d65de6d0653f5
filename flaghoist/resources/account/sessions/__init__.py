"""Sessions: members who sign in with e-mail and password, and the browsers they are signed in with."""
