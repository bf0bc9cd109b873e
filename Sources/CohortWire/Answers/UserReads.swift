package import CohortModel

/// A user as of a moment, with everything it was in.
package struct UserAsOfShape {
  package var user: UserShape
  package var status: UserStatus
  package var asOf: AsOfShape
  package var cohorts: [(name: CohortName, displayName: Text)]
  package var segments: [(id: SegmentID, name: Text)]
  /// Who was merged into the user.
  package var merged: [UserID]

  package init(
    user: UserShape, status: UserStatus, asOf: AsOfShape,
    cohorts: [(name: CohortName, displayName: Text)] = [],
    segments: [(id: SegmentID, name: Text)] = [], merged: [UserID] = []
  ) {
    self.user = user
    self.status = status
    self.asOf = asOf
    self.cohorts = cohorts
    self.segments = segments
    self.merged = merged
  }
}

/// Who bore an identifier, and when: for the answer that nobody bears it.
package struct BearerShape: Hashable, Sendable {
  package var user: UserID
  package var role: IdentifierRole
  package var from: Position
  /// `nil`: to this day.
  package var until: Position?

  package init(user: UserID, role: IdentifierRole, from: Position, until: Position?) {
    self.user = user
    self.role = role
    self.from = from
    self.until = until
  }
}

/// Something that happened to a user, or to someone merged into it.
package struct HistoryEntryShape: Hashable, Sendable {
  package enum What: Hashable, Sendable {
    case identity(Event)
    /// `kind` is `import`, `merge` or `deletion`.
    case membership(CohortName, kind: String, Direction)
  }

  package var position: Position
  package var time: Instant
  package var key: KeyID
  /// Whom it happened to.
  package var user: UserID
  package var what: What

  package init(position: Position, time: Instant, key: KeyID, user: UserID, what: What) {
    self.position = position
    self.time = time
    self.key = key
    self.user = user
    self.what = what
  }
}

extension JSONWriter {
  package mutating func user(_ shape: UserAsOfShape) {
    object { json in
      json.asOf(shape.asOf)
      json.identifiers(shape.user)
      json.status(shape.status)
      json.key("merged_users")
      json.array { for user in shape.merged { $0.integer(user.rawValue) } }
      json.key("cohorts")
      json.array { json in
        for (name, displayName) in shape.cohorts {
          json.object {
            $0.cohort(name)
            $0.member("name", utf8: displayName.bytes)
          }
        }
      }
      json.key("segments")
      json.array { json in
        for (id, name) in shape.segments {
          json.object {
            $0.member("segment_id", id.description)
            $0.member("name", utf8: name.bytes)
          }
        }
      }
    }
  }

  private mutating func status(_ status: UserStatus) {
    switch status {
    case .absent: member("status", "absent")
    case .active: member("status", "active")
    case .deleted(let at):
      member("status", "deleted")
      member("until", at)
    case .merged(let into, let at):
      member("status", "merged")
      member("merged_into", into.rawValue)
      member("until", at)
    }
  }

  /// Writes who bore an identifier: `"bearers":[…]`.
  package mutating func bearers(_ bearers: [BearerShape]) {
    key("bearers")
    array { json in
      for bearer in bearers {
        json.object { json in
          json.member("user", bearer.user.rawValue)
          json.member("role", "\(bearer.role)")
          json.member("from", bearer.from)
          json.key("until")
          if let until = bearer.until { json.integer(until.rawValue) } else { json.null() }
        }
      }
    }
  }

  /// Writes an entry of a user's history: an event as feeds show it, or a membership.
  package mutating func historyEntry(_ entry: HistoryEntryShape, _ names: Names) {
    var names = names
    names.position = entry.position
    object { json in
      json.member("position", entry.position)
      json.member("time", entry.time)
      json.member("key", entry.key.description)
      json.member("subject", entry.user.rawValue)
      switch entry.what {
      case .identity(let event):
        json.member("type", event.typeName)
        json.payload(event, names)
      case .membership(let cohort, let kind, let direction):
        json.member("type", direction == .entering ? "entered" : "left")
        json.cohort(cohort)
        json.member("by", kind)
      }
    }
  }
}
