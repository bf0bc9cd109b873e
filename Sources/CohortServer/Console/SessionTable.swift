import CohortModel

/// Who is signed in to the console, and with which links somebody still can.
///
///     link ── used once, within 10 minutes ──▶ session ── 12 hours · signed out · its key ended
///                                                         · 1,000 used since ──▶ gone
///
/// Of codes and tokens only the SHA-256 is here, and digests compare in the same time wherever they
/// differ. Times are of a clock that never goes back, in microseconds.
struct SessionTable {
  /// Whose permissions a session has.
  enum Holder: Hashable, Sendable {
    /// Of the terminal: whoever may run `cohort` there.
    case `operator`
    /// A REST key, by the SHA-256 of its secret.
    case key(Digest)
  }

  struct Session: Hashable, Sendable {
    let holder: Holder
    let expiresAt: Int64
  }

  private struct Kept {
    let session: Session
    /// Counts up with each use of any session.
    var lastUse: UInt64
  }

  /// Oldest first; at most ``linksMax``.
  private var links: [(code: Digest, expiresAt: Int64)] = []
  /// At most ``sessionsMax``.
  private var sessions: [Digest: Kept] = [:]
  private var uses: UInt64 = 0

  static let linksMax = 16
  static let linkLife: Int64 = 600_000_000
  static let sessionsMax = 1_000
  static let sessionLife: Int64 = 12 * 3_600_000_000

  var count: Int { sessions.count }

  // MARK: Links

  /// Lets somebody sign in once; with too many links the oldest ends.
  mutating func offer(_ code: Digest, at now: Int64) {
    links.removeAll { $0.expiresAt <= now }
    if links.count >= Self.linksMax { links.removeFirst() }
    links.append((code, now + Self.linkLife))
  }

  /// Uses a link up.
  ///
  /// - Returns: Whether there was one that had not expired.
  mutating func redeem(_ code: Digest, at now: Int64) -> Bool {
    links.removeAll { $0.expiresAt <= now }
    let count = links.count
    links.removeAll { $0.code == code }
    return links.count < count
  }

  // MARK: Sessions

  /// Begins a session; with too many the one that was not used for longest ends.
  mutating func begin(_ token: Digest, for holder: Holder, at now: Int64) -> Session {
    if sessions.count >= Self.sessionsMax {
      sessions = sessions.filter { $0.value.session.expiresAt > now }
    }
    if sessions.count >= Self.sessionsMax,
      let oldest = sessions.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      sessions[oldest.key] = nil
    }
    uses += 1
    let session = Session(holder: holder, expiresAt: now + Self.sessionLife)
    sessions[token] = Kept(session: session, lastUse: uses)
    return session
  }

  /// Uses a session.
  ///
  /// - Returns: `nil` if there is none, or none any more.
  mutating func use(_ token: Digest, at now: Int64) -> Session? {
    guard let kept = sessions[token] else { return nil }
    guard kept.session.expiresAt > now else {
      sessions[token] = nil
      return nil
    }
    uses += 1
    sessions[token]?.lastUse = uses
    return kept.session
  }

  mutating func end(_ token: Digest) { sessions[token] = nil }

  /// Ends the sessions of a key, which has ended itself.
  mutating func endAll(of holder: Holder) {
    sessions = sessions.filter { $0.value.session.holder != holder }
  }
}
