import CohortFormat
package import CohortLog
import CohortModel
import CohortWire
import Synchronization

/// The sessions of the console, and the links that begin them.
///
/// In memory: when the server ends, they do. Codes and tokens are 256 random bits; the one stands
/// in the fragment of a link, which no browser sends to anybody, the other in a cookie.
package final class Sessions: Sendable {
  private let table = Mutex(SessionTable())
  /// Where the console is, as in `http://127.0.0.1:8080`; `nil` while nobody serves it.
  private let origin = Mutex<String?>(nil)
  private let clock: any Clock
  private let random = SystemRandomSource()

  package init(clock: any Clock = SystemClock()) { self.clock = clock }

  /// How many somebody may be signed in with.
  package var count: Int { table.withLock { $0.count } }

  // MARK: Links

  /// Says where links are to lead.
  package func serve(at origin: String) { self.origin.withLock { $0 = origin } }

  /// Makes a link that signs its opener in as the operator, once, within ten minutes.
  ///
  /// - Returns: `nil` while nobody serves the console.
  package func link() -> String? {
    guard let origin = origin.withLock({ $0 }) else { return nil }
    return "\(origin)/#sign-in=\(String(decoding: code(), as: UTF8.self))"
  }

  /// Makes the code of a link.
  package func code() -> [UInt8] {
    let code = secret()
    let now = clock.monotonic
    table.withLock { $0.offer(SHA256.digest(of: code), at: now) }
    return code
  }

  /// Uses the code of a link up.
  func redeem(_ code: [UInt8]) -> Bool {
    let now = clock.monotonic
    return table.withLock { $0.redeem(SHA256.digest(of: code), at: now) }
  }

  // MARK: Sessions

  /// Begins a session.
  ///
  /// - Returns: The token, which is held nowhere else.
  func begin(for holder: SessionTable.Holder) -> (token: [UInt8], session: SessionTable.Session) {
    let token = secret()
    let now = clock.monotonic
    let session = table.withLock { $0.begin(SHA256.digest(of: token), for: holder, at: now) }
    return (token, session)
  }

  func use(_ token: Digest) -> SessionTable.Session? {
    let now = clock.monotonic
    return table.withLock { $0.use(token, at: now) }
  }

  func end(_ token: Digest) { table.withLock { $0.end(token) } }

  func endAll(of holder: SessionTable.Holder) { table.withLock { $0.endAll(of: holder) } }

  /// When a session ends by itself, on the wall clock.
  func end(of session: SessionTable.Session) -> Instant {
    Instant(microseconds: clock.wall + session.expiresAt - clock.monotonic)
  }

  private func secret() -> [UInt8] { Base64URL.encode(random.bytes(32)) }
}

/// The session that a request came with.
package struct SessionHold: Sendable {
  private let sessions: Sessions
  private let token: Digest

  init(_ sessions: Sessions, _ token: Digest) { (self.sessions, self.token) = (sessions, token) }

  /// Whether it has not ended yet.
  var lasts: Bool { sessions.use(token) != nil }

  func end() { sessions.end(token) }
}
