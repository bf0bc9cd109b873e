package import CohortModel

// Keys, partners, requests and the state of the house.

extension JSONWriter {
  /// Writes a key, without secret and digest.
  ///
  /// - Parameters:
  ///   - record: The key.
  ///   - usage: As far as the log knows: reads and refusals leave no event.
  ///   - now: Decides whether it has expired.
  ///   - position: A key that was invalidated later still lives.
  ///   - names: Of the partner.
  package mutating func key(
    _ record: KeyRecord, usage: KeyUsage, now: Instant, at position: Position = .never,
    _ names: Names
  ) {
    let issued = record.issued
    let invalidatedAt = record.invalidatedAt.flatMap { $0 <= position ? $0 : nil }
    let hasExpired = issued.expiresAt.map { $0 <= now } ?? false
    object { json in
      json.member("key_id", issued.key.description)
      json.member("kind", issued.kind.name)
      json.member("partner", issued.partner.map(names.code))
      json.member("label", utf8: issued.label.bytes)
      json.permissions(issued.permissions)
      json.networks(issued.networks)
      json.member("expires_at", issued.expiresAt)
      json.member(
        "status",
        invalidatedAt != nil ? "invalidated" : hasExpired ? "expired" : "live")
      json.happened("issued", (record.issuedAt, record.time))
      json.member("issued_by", record.issuer.description)
      json.key("invalidated_at")
      if let invalidatedAt {
        json.integer(invalidatedAt.rawValue)
      } else {
        json.null()
      }
      json.member("writes", usage.writes)
      let last = usage.lastWrite.flatMap { position in usage.lastTime.map { (position, $0) } }
      json.happened("last_write", last)
    }
  }

  /// Writes a partner as of a position, with its endpoint, keys and the number of its cohorts.
  package mutating func partner(
    _ record: PartnerRecord, at position: Position = .never, keys: [KeyID], cohortCount: Int
  ) {
    object { json in
      json.member("partner", utf8: record.code.bytes)
      json.member("display_name", record.displayName.value(at: position))
      json.member("enabled", record.isEnabled.value(at: position) == true)
      json.member("learns", record.learns)
      json.member(
        "endpoint", utf8: Array("/partners/".utf8) + record.code.bytes + Array("/cohorts".utf8))
      json.key("keys")
      json.array { for key in keys { $0.string(key.description) } }
      json.member("cohorts", cohortCount)
    }
  }

  /// Writes what a request was, into an object; of an import, what it added, removed and did not
  /// match.
  ///
  /// - Parameters:
  ///   - events: All of the request, in order; at least one.
  ///   - names: Moved to the position of the last event here.
  ///   - namesMembers: Whether an import is to say who was added and removed.
  package mutating func requestHead(
    _ events: [Recorded], _ names: Names, namesMembers: Bool = true
  ) {
    guard let last = events.last else { return }
    var names = names
    names.position = last.position
    let changes = events.compactMap { recorded -> MembersChanged? in
      if case .membersChanged(let change) = recorded.event { change } else { nil }
    }
    member("request", last.request)
    member("time", last.time)
    member("key", last.key.description)
    guard let first = changes.first else { return }
    cohort(names.name(of: first.cohort))
    var counts = OutcomeCounts()
    for change in changes { counts.add(change) }
    key("counts")
    outcomes(counts)
    for (key, direction) in [("added", Direction.entering), ("removed", .leaving)]
    where namesMembers {
      self.key(key)
      array { json in
        for change in changes where change.direction == direction {
          change.users.forEach { json.user(UserID($0), names) }
        }
      }
    }
    key("unmatched")
    array { json in
      for change in changes {
        for unmatched in change.unmatched { json.unmatched(unmatched, names) }
      }
    }
  }

  mutating func unmatched(_ unmatched: Unmatched, _ names: Names) {
    object {
      $0.identifier("identifier", unmatched.identifier, names)
      $0.member("outcome", Outcome(unmatched.reason).name)
    }
  }
}

/// The state of the house: `GET /ledger/status`.
package struct StatusShape: Hashable, Sendable {
  package struct Replica: Hashable, Sendable {
    package var key: KeyID
    /// The label of the key.
    package var name: String
    /// The last event that it holds.
    package var position: Position
    package var lastSeen: Instant

    package init(key: KeyID, name: String, position: Position, lastSeen: Instant) {
      self.key = key
      self.name = name
      self.position = position
      self.lastSeen = lastSeen
    }
  }

  /// Of a replica: its leader, and how far it is behind what that last said.
  package struct Following: Hashable, Sendable {
    package var leader: String
    package var leaderPosition: Position
    package var lagPositions: UInt64
    package var lagMicroseconds: Int64
    package var heard: Instant

    package init(
      leader: String, leaderPosition: Position, lagPositions: UInt64, lagMicroseconds: Int64,
      heard: Instant
    ) {
      self.leader = leader
      self.leaderPosition = leaderPosition
      self.lagPositions = lagPositions
      self.lagMicroseconds = lagMicroseconds
      self.heard = heard
    }
  }

  /// A look through the whole log.
  package struct Check: Hashable, Sendable {
    package var time: Instant
    /// Of the last event that was looked at, if damage has not hidden that.
    package var position: Position?
    package var findings: Int

    package init(time: Instant, position: Position?, findings: Int) {
      self.time = time
      self.position = position
      self.findings = findings
    }
  }

  /// `writable`, or why it is not.
  package var condition: String
  package var ledger: String
  package var asOf: AsOfShape
  package var epoch: String?
  package var requests: UInt64
  package var users: Int
  package var cohorts: Int
  package var treeSize: UInt64
  package var root: Digest
  package var logBytes: UInt64
  package var freeBytes: UInt64?
  /// Since the start; `nil` if there was none.
  package var lastVerify: Check?
  package var lastScrub: Check?
  /// How far the ledger's time is ahead of the wall clock, in microseconds.
  package var clockLead: Int64
  package var replicas: [Replica]
  /// `nil` for a ledger that is no replica.
  package var replica: Following?
  /// What sync runs reported, as they reported it.
  package var syncRuns: [JSONText]

  package init(
    condition: String, ledger: String, asOf: AsOfShape, epoch: String? = nil, requests: UInt64,
    users: Int, cohorts: Int, treeSize: UInt64, root: Digest, logBytes: UInt64,
    freeBytes: UInt64? = nil, lastVerify: Check? = nil, lastScrub: Check? = nil,
    clockLead: Int64 = 0, replicas: [Replica] = [], replica: Following? = nil,
    syncRuns: [JSONText] = []
  ) {
    self.condition = condition
    self.ledger = ledger
    self.asOf = asOf
    self.epoch = epoch
    self.requests = requests
    self.users = users
    self.cohorts = cohorts
    self.treeSize = treeSize
    self.root = root
    self.logBytes = logBytes
    self.freeBytes = freeBytes
    self.lastVerify = lastVerify
    self.lastScrub = lastScrub
    self.clockLead = clockLead
    self.replicas = replicas
    self.replica = replica
    self.syncRuns = syncRuns
  }
}

extension JSONWriter {
  package mutating func status(_ status: StatusShape) {
    object { json in
      json.member("condition", status.condition)
      json.member("ledger", status.ledger)
      json.asOf(status.asOf)
      json.member("epoch", status.epoch.map(JSONText.string) ?? .null)
      json.member("requests", status.requests)
      json.member("users", status.users)
      json.member("cohorts", status.cohorts)
      json.key("tree")
      json.object {
        $0.member("size", status.treeSize)
        $0.member("root", status.root)
      }
      json.member("log_bytes", status.logBytes)
      json.key("free_bytes")
      if let free = status.freeBytes { json.integer(free) } else { json.null() }
      json.check("last_verify", status.lastVerify)
      json.check("last_scrub", status.lastScrub)
      json.member("clock_lead_microseconds", status.clockLead)
      json.key("replicas")
      json.array { json in
        for replica in status.replicas {
          json.object {
            $0.member("key", replica.key.description)
            $0.member("name", replica.name)
            $0.member("position", replica.position)
            $0.member("last_seen", replica.lastSeen)
          }
        }
      }
      json.following(status.replica)
      json.member("sync_runs", .array(status.syncRuns))
    }
  }

  private mutating func following(_ replica: StatusShape.Following?) {
    key("replica")
    guard let replica else { return null() }
    object { json in
      json.member("leader", replica.leader)
      json.member("leader_position", replica.leaderPosition)
      json.member("lag_positions", replica.lagPositions)
      json.member("lag_seconds", replica.lagMicroseconds / 1_000_000)
      json.member("heard", replica.heard)
    }
  }

  private mutating func check(_ key: String, _ check: StatusShape.Check?) {
    self.key(key)
    guard let check else { return null() }
    object { json in
      json.member("time", check.time)
      json.key("position")
      if let position = check.position { json.integer(position.rawValue) } else { json.null() }
      json.member("findings", check.findings)
    }
  }
}
