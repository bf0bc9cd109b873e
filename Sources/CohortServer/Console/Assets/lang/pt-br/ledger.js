// The ledger itself: feed, tree, integrity, metrics; and one request.
export default {};
