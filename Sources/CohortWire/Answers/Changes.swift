package import CohortModel

// What happened to a cohort: `/ledger/cohorts/{partner}/{cohort_id}/changes` and `/sizes`.

/// One change of a cohort.
package struct ChangeShape: Hashable, Sendable {
  package var position: Position
  package var time: Instant
  /// `import`, `merge` or `deletion`.
  package var kind: String
  package var direction: Direction
  /// How many came or went.
  package var count: Int
  /// Who that was, ascending; `nil` where nobody is to be named.
  package var users: [UserShape]?
  /// How many members there were afterwards.
  package var size: Int
  /// How many identifiers of the import matched nobody.
  package var unmatched: Int
  /// `nil` where it is not asked for.
  package var request: Request?

  /// The request that made a change.
  package struct Request: Hashable, Sendable {
    package let request: Position
    package let key: KeyID
    /// Of an import: what its identifiers came to, in all of it.
    package let counts: OutcomeCounts?

    /// - Returns: `nil` for no events.
    package init?(_ events: [Recorded]) {
      guard let last = events.last else { return nil }
      (request, key) = (last.request, last.key)
      var counts: OutcomeCounts?
      for recorded in events {
        guard case .membersChanged(let change) = recorded.event else { continue }
        counts = counts ?? OutcomeCounts()
        counts?.add(change)
      }
      self.counts = counts
    }
  }

  package init(
    position: Position, time: Instant, kind: String, direction: Direction, count: Int,
    users: [UserShape]?, size: Int, unmatched: Int, request: Request? = nil
  ) {
    self.position = position
    self.time = time
    self.kind = kind
    self.direction = direction
    self.count = count
    self.users = users
    self.size = size
    self.unmatched = unmatched
    self.request = request
  }
}

extension JSONWriter {
  package mutating func change(_ shape: ChangeShape) {
    object { json in
      json.member("position", shape.position)
      json.member("time", shape.time)
      json.member("kind", shape.kind)
      let came = shape.direction == .entering
      json.member("added_count", came ? shape.count : 0)
      json.member("removed_count", came ? 0 : shape.count)
      if let users = shape.users {
        json.users("added", came ? users : [])
        json.users("removed", came ? [] : users)
      }
      json.member("size", shape.size)
      json.member("unmatched", shape.unmatched)
      guard let request = shape.request else { return }
      json.member("request", request.request)
      json.member("key", request.key.description)
      json.key("counts")
      if let counts = request.counts { json.outcomes(counts) } else { json.null() }
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
