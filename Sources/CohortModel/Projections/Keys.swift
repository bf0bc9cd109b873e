/// A key, without its secret.
public struct KeyRecord: Hashable, Sendable {
  public let issued: KeyIssued
  public let issuedAt: Position
  public let time: Instant
  public let issuer: KeyID
  public internal(set) var invalidatedAt: Position?

  /// Whether the key opens anything at `now`.
  ///
  /// Expiry is no event.
  public func isLive(at now: Instant) -> Bool {
    guard invalidatedAt == nil else { return false }
    guard let expiresAt = issued.expiresAt else { return true }
    return now < expiresAt
  }

  /// As it was at a position: what was invalidated later was not yet.
  public func asOf(_ position: Position) -> KeyRecord {
    var record = self
    if let end = invalidatedAt, end > position { record.invalidatedAt = nil }
    return record
  }

  public func admits(_ address: NetworkAddress?) -> Bool {
    guard !issued.networks.isEmpty else { return true }
    guard let address else { return false }
    return issued.networks.contains { $0.contains(address) }
  }
}

/// What a key was used for, as far as the log knows: reads and refusals leave no event.
public struct KeyUsage: Hashable, Sendable {
  /// Requests that recorded something.
  public internal(set) var writes: UInt64 = 0
  public internal(set) var lastWrite: Position?
  public internal(set) var lastTime: Instant?

  package init() {}

  /// Counts a request that ended at `position`.
  package mutating func count(_ position: Position, _ time: Instant) {
    writes += 1
    lastWrite = position
    lastTime = time
  }
}

/// Invariant: record n has the number n + 1; `usage[0]` is that of the local operator.
public struct Keys: Hashable, Sendable {
  public private(set) var records: [KeyRecord] = []
  public private(set) var usage: [KeyUsage] = [KeyUsage()]
  private var byDigest: [Digest: KeyID] = [:]

  public init() {}

  /// - Precondition: `id` is not 0, the operator's.
  public subscript(id: KeyID) -> KeyRecord { records[Int(id.rawValue) - 1] }

  public func contains(_ id: KeyID) -> Bool {
    id.rawValue > 0 && Int(id.rawValue) <= records.count
  }

  /// The key whose secret has this SHA-256.
  ///
  /// What is looked up is a digest, so the time this takes says nothing about any secret.
  public func find(_ digest: Digest) -> KeyID? { byDigest[digest] }

  var next: KeyID { KeyID(UInt32(records.count + 1)) }

  /// The live partner key of `partner` that has this digest.
  func findPartnerKey(_ digest: Digest, of partner: PartnerID, at now: Instant) -> KeyID? {
    guard let id = byDigest[digest] else { return nil }
    let record = self[id]
    guard record.issued.kind == .partner, record.issued.partner == partner,
      record.isLive(at: now)
    else { return nil }
    return id
  }

  mutating func issue(
    _ event: KeyIssued, by issuer: KeyID, at position: Position, _ time: Instant
  ) {
    records.append(
      KeyRecord(issued: event, issuedAt: position, time: time, issuer: issuer, invalidatedAt: nil))
    usage.append(KeyUsage())
    byDigest[event.digest] = event.key
  }

  mutating func invalidate(_ key: KeyID, at position: Position) {
    records[Int(key.rawValue) - 1].invalidatedAt = position
  }

  mutating func countWrite(by key: KeyID, at position: Position, _ time: Instant) {
    usage[Int(key.rawValue)].count(position, time)
  }

  mutating func setUsage(of index: Int, writes: UInt64, _ last: Position, _ time: Instant) {
    usage[index].writes = writes
    usage[index].lastWrite = writes == 0 ? nil : last
    usage[index].lastTime = writes == 0 ? nil : time
  }
}
