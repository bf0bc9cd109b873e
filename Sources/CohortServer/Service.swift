package import CohortHTTP
package import CohortLedger
package import CohortLog
package import CohortModel
import CohortWire
import Synchronization

/// The house above HTTP: one ledger, and who may ask it what.
///
/// Every request goes through ``plan(_:)``, the one funnel: route, media type, key, permission,
/// limit. What is left is a read, answered by a function of `Reads/` on a worker, or a write,
/// submitted to the ledger and answered when it is durable.
///
/// Holds no state of the ledger's but what never changes: keys are asked for in what is durable,
/// each time.
package final class Service: Application {
  package let ledger: Ledger
  package let settings: ServiceSettings
  package let meters = Meters()
  let visits = Visits()
  let rateLimit: RateLimit?
  let clock: any Clock
  /// Of the monotonic clock, in microseconds.
  let startedAt: Int64
  private let wrongKeys: Mutex<WrongKeyBuckets>
  let accessLog: AccessLog?
  /// Who is signed in to the console.
  package let sessions: Sessions
  /// What was computed of the past.
  let pasts = Pasts()
  let patience = PatientThreads()
  let importPlaces = ImportPlaces()
  let syncRuns = SyncRuns()
  let replicas = ReplicaList()

  /// - Parameters:
  ///   - ledger: Closed by whoever has opened it.
  ///   - settings: How it is run.
  ///   - accessLog: `nil` for none.
  ///   - sessions: Of the console; `nil` to begin with none.
  ///   - clock: For limits and the access log; events have the time of the ledger.
  package init(
    _ ledger: Ledger, _ settings: ServiceSettings = ServiceSettings(),
    accessLog: AccessLog? = nil, sessions: Sessions? = nil, clock: any Clock = SystemClock()
  ) {
    self.ledger = ledger
    self.settings = settings
    self.accessLog = accessLog
    self.sessions = sessions ?? Sessions(clock: clock)
    self.clock = clock
    startedAt = clock.monotonic
    rateLimit = settings.rateLimit.map { RateLimit($0) }
    wrongKeys = Mutex(WrongKeyBuckets(seed: .random(in: .min ... .max)))
  }

  package func plan(_ head: RequestHead) -> Plan {
    do throws(Denial) {
      return try admit(head)
    } catch {
      return .answer(response(to: error))
    }
  }

  package func note(_ exchange: Exchange.Summary) {
    let visit = exchange.head.map { visits.end($0.number) } ?? Visits.Visit()
    meters.count(exchange, visit)
    accessLog?.append(exchange.line(at: Instant(microseconds: clock.wall), visit))
  }

  /// Decides who asks for what.
  ///
  /// - Throws: What is answered at once, before any body is read.
  private func admit(_ head: RequestHead) throws(Denial) -> Plan {
    let match = try find(head)
    visits.begin(head.number, match.route)
    try head.requireNoSecretInQuery()
    if match.kind.isWrite, case .readOnly = ledger.report.condition {
      throw Denial(
        WireError(503, "This server only answers questions. Send writes to the one that writes."))
    }
    if match.kind.hasKeysInBody { return try planImport(match, head) }
    switch match.kind {
    case .health: return .answer(health())
    case .console: return .answer(try consoleFile("index.html", head))
    case .consoleFile: return .answer(try consoleFile(match.id(0).description, head))
    case .session: return .answer(try session(head))
    case .signIn: return try planSignIn(head)
    case .signOut: return .answer(try signOut(head))
    default: break
    }
    guard let permission = match.route.permission else { throw Denial(.notFound) }
    if match.kind.isWrite { return try planWrite(match, head, needing: permission) }
    guard let read = reading(match.kind) else { throw Denial(.notFound) }
    return try planRead(read, match, head, needing: permission)
  }

  /// What is answered to somebody whose key does not open this.
  ///
  /// The same work for every wrong key: one slot of a table. Whoever shows too many is answered 429
  /// from then on, and must connect again each time; a right key is never asked.
  func denial(_ refusal: Refusal, to head: RequestHead) -> Denial {
    switch refusal {
    case .invalidAPIKey, .invalidPartnerKey, .invalidClientSecret:
      meters.countWrongKey()
      let (address, now) = (address(of: head), clock.monotonic)
      guard let seconds = wrongKeys.withLock({ $0.take(address, at: now) }) else { break }
      var denial = Denial(.rateLimited, [("Retry-After", String(seconds))])
      denial.closes = true
      return denial
    default: break
    }
    return Denial(WireError(refusal))
  }
}

/// How a service is run.
package struct ServiceSettings: Sendable {
  /// Authenticated requests of part 1 in an hour; `nil` for any number.
  package var rateLimit: Int?
  /// Whose `X-Forwarded-For` is believed.
  package var trustedProxies: [Network] = []
  /// What the server below counts, for `/metrics`.
  package var counters: (@Sendable () -> [Metric])?

  package init() {}
}
