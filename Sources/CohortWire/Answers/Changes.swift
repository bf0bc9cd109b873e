package import CohortModel

// What happened to a cohort: `/ledger/cohorts/{partner}/{cohort_id}/changes` and `/sizes`.

/// One change of a cohort.
package struct ChangeShape: Hashable, Sendable {
  package var position: Position
  package var time: Instant
  /// `import`, `merge` or `deletion`.
  package var kind: String
  package var direction: Direction
  /// Who came or went, ascending.
  package var users: [UserShape]
  /// How many members there were afterwards.
  package var size: Int
  /// How many identifiers of the import matched nobody.
  package var unmatched: Int

  package init(
    position: Position, time: Instant, kind: String, direction: Direction, users: [UserShape],
    size: Int, unmatched: Int
  ) {
    self.position = position
    self.time = time
    self.kind = kind
    self.direction = direction
    self.users = users
    self.size = size
    self.unmatched = unmatched
  }
}

extension JSONWriter {
  package mutating func change(_ shape: ChangeShape) {
    object { json in
      json.member("position", shape.position)
      json.member("time", shape.time)
      json.member("kind", shape.kind)
      json.users("added", shape.direction == .entering ? shape.users : [])
      json.users("removed", shape.direction == .leaving ? shape.users : [])
      json.member("size", shape.size)
      json.member("unmatched", shape.unmatched)
    }
  }

  /// Writes a size at an instant, as in `sizes` of a cohort and `data` of a segment.
  package mutating func size(_ size: Int, at time: Instant) {
    object {
      $0.member("time", time)
      $0.member("size", size)
    }
  }

  /// Writes a member of a difference as a line of its own.
  package mutating func difference(_ user: UserShape, _ direction: Direction) {
    object { json in
      json.member("change", direction == .entering ? "added" : "removed")
      json.key("member")
      json.listed(user)
    }
  }
}
