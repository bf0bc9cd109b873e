package import CohortHTTP
package import CohortLedger
package import CohortModel
package import CohortWire

/// What somebody wants to know, and who wants to know it.
///
/// The caller's key is good for the route; what further permissions change, such as seeing
/// identifiers, is looked up in ``Caller/permissions``.
package struct Question: Sendable {
  package let service: Service
  /// The route, with the ids of the path.
  package let match: RouteMatch
  package let head: RequestHead
  /// Of a POST that only reads, one value of JSON; not read yet.
  package let body: [UInt8]
  package let caller: Caller
  /// The present, against which the key was checked.
  package let now: View
  /// Whether it is asked on the loop, where nothing may take long.
  package let isHasty: Bool

  package var ledger: Ledger { service.ledger }

  /// Whether everything is wanted, one object a line.
  package var wantsLines: Bool { head.accepts("application/x-ndjson") }

  package func allows(_ permission: Permission) -> Bool {
    caller.permissions.contains(permission)
  }

  /// Comes before whatever reads from the disk or goes through more than a page.
  ///
  /// - Throws: ``NotAtHand`` on the loop; a worker then asks again.
  func takesTime() throws(NotAtHand) {
    if isHasty { throw NotAtHand() }
  }

  /// What an answer needs cannot be had at once.
  struct NotAtHand: Error {}

  /// The body as an object.
  ///
  /// - Throws: 400 with reason and byte offset.
  package func object() throws(WireError) -> JSONValue { try JSONValue(body: body) }
}
