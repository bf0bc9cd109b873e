package import CohortModel

/// What a users import came to: `POST /ledger/users/import`.
package struct UsersImportShape: Hashable, Sendable {
  package var created: Int
  package var completed: Int
  package var unchanged: Int
  /// All lines that were refused; the first of them are ``faults``.
  package var refused: Int
  package var faults: [LineFault]
  package var position: Position

  package init(
    created: Int, completed: Int, unchanged: Int, refused: Int, faults: [LineFault],
    position: Position
  ) {
    self.created = created
    self.completed = completed
    self.unchanged = unchanged
    self.refused = refused
    self.faults = faults
    self.position = position
  }

  /// What stands beside the message of an import that ended early, too.
  package var counts: [JSONText.Member] {
    [
      ("created", created), ("completed", completed), ("unchanged", unchanged),
      ("refused_count", refused),
    ].map { JSONText.Member($0.0, .integer(Int64($0.1))) }
  }

  package var reply: Reply {
    Reply(status: 201) { json in
      json.member("message", "success")
      for member in counts { json.member(member.key, member.value) }
      json.refusedLines(faults.map { ($0.line, $0.text) })
      json.member("position", position)
    }
  }
}
