// Users: one user with identities, memberships, history and reasons.
export default {};
