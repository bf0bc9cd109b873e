package import CohortModel

/// A cohort's members, or a page of them.
package struct MembersShape<Members: Sequence<UserShape>> {
  package var cohort: CohortName
  package var asOf: AsOfShape
  /// How many there are, of which a page may show only some.
  package var count: Int
  package var members: Members
  /// With the identities of now: how many were deleted since.
  package var gone: Int?
  /// Where the next page begins.
  package var next: String?

  package init(
    cohort: CohortName, asOf: AsOfShape, count: Int, members: Members, gone: Int? = nil,
    next: String? = nil
  ) {
    self.cohort = cohort
    self.asOf = asOf
    self.count = count
    self.members = members
    self.gone = gone
    self.next = next
  }
}

/// How a cohort differs between two moments.
package struct DifferenceShape<Members: Sequence<UserShape>> {
  package var cohort: CohortName
  package var from: AsOfShape
  package var to: AsOfShape
  package var added: Members
  package var removed: Members
  package var gone: Int?

  package init(
    cohort: CohortName, from: AsOfShape, to: AsOfShape, added: Members, removed: Members,
    gone: Int? = nil
  ) {
    self.cohort = cohort
    self.from = from
    self.to = to
    self.added = added
    self.removed = removed
    self.gone = gone
  }
}

/// A cohort in a list.
package struct CohortShape: Hashable, Sendable {
  package var cohort: CohortName
  package var name: Text
  /// As the partner said it.
  package var createdAt: Instant?
  package var size: Int
  package var lastChange: Position?
  package var lastChangeTime: Instant?
  package var isArchived: Bool
  /// Whether it existed at the position asked for.
  package var exists: Bool

  package init(
    cohort: CohortName, name: Text, createdAt: Instant?, size: Int, lastChange: Position?,
    lastChangeTime: Instant? = nil, isArchived: Bool, exists: Bool = true
  ) {
    self.cohort = cohort
    self.name = name
    self.createdAt = createdAt
    self.size = size
    self.lastChange = lastChange
    self.lastChangeTime = lastChangeTime
    self.isArchived = isArchived
    self.exists = exists
  }
}

extension JSONWriter {
  package mutating func members(_ shape: MembersShape<some Sequence<UserShape>>) {
    object { json in
      json.cohort(shape.cohort)
      json.asOf(shape.asOf)
      json.member("count", shape.count)
      json.users("members", shape.members)
      if let gone = shape.gone { json.member("gone", gone) }
      if let next = shape.next { json.member("next", next) }
    }
  }

  package mutating func difference(_ shape: DifferenceShape<some Sequence<UserShape>>) {
    object { json in
      json.cohort(shape.cohort)
      json.asOf(shape.from, key: "from")
      json.asOf(shape.to, key: "to")
      json.users("added", shape.added)
      json.users("removed", shape.removed)
      if let gone = shape.gone { json.member("gone", gone) }
    }
  }

  /// Writes a cohort, with where the answer stands if it is one of its own.
  package mutating func cohort(_ shape: CohortShape, asOf: AsOfShape? = nil) {
    object { json in
      if let asOf { json.asOf(asOf) }
      json.cohort(shape.cohort)
      json.member("name", utf8: shape.name.bytes)
      json.member("created_at", shape.createdAt)
      json.member("size", shape.size)
      json.key("last_change")
      if let position = shape.lastChange { json.integer(position.rawValue) } else { json.null() }
      json.member("last_change_time", shape.lastChangeTime)
      json.member("archived", shape.isArchived)
      if !shape.exists { json.member("exists", false) }
    }
  }
}
