import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortSync
import CohortThreads
import CohortWire
import Glibc

extension Subcommand {
  static let follow = Subcommand(
    "follow", [Operand("URL", "the leader, such as http://ledger.example:8080")],
    [.keyFile, Option("once", nil, "stop where the leader ends")],
    summary: "Keep a copy of a ledger that lives elsewhere, and keep up with it.",
    notes: [
      "The key is a REST key with the permission ledger.log, from --key-file or the variable",
      "COHORT_KEY. Every byte is verified before it is kept; what the leader erases is erased here.",
      "It can be ended, and killed, at any moment. 'cohort serve --read-only' beside it answers",
      "questions. 'cohort serve' without it takes the leader's place: see to it that the leader is",
      "stopped, for nothing else does.",
    ],
    examples: [
      "follow https://ledger.example --storage /var/lib/replica --key-file reader.key",
      "follow http://127.0.0.1:8080 --storage replica --once --json",
    ],
    besideServer: .apart
  ) { invocation in
    try FollowRun(invocation).run()
  }
}

/// `cohort follow` under way.
private final class FollowRun {
  private let invocation: Invocation
  private let storage: String
  private let source: LeaderSource
  private let stops: Monitor<Bool>
  private let clock = SystemClock()
  private var replica: Replica?
  private var told = (position: Position.never, lost: 0, failure: "")

  init(_ invocation: Invocation) throws {
    self.invocation = invocation
    storage = try invocation.storage()
    let stops = Monitor(false)
    self.stops = stops
    var source = try invocation.leader(invocation.arguments.operands[0])
    source.isWanted = { !stops.look { $0 } }
    self.source = source
    let signals = Signals([SIGTERM, SIGINT])
    _ = try Thread("signals") {
      _ = signals.wait()
      stops.change { $0 = true }
      // Whoever asks a second time does not want to wait.
      _exit(128 + signals.wait())
    }
  }

  private var console: Console { invocation.console }
  private var isOnce: Bool { invocation.arguments.has("once") }
  private var isStopped: Bool { stops.look { $0 } }

  func run() throws -> ExitCode {
    defer { console.endProgress() }
    var failures = 0
    var backoff = Backoff(Self.patience, seed: UInt64(getpid()))
    var wasWoken = false
    while !isStopped {
      do {
        let replica = try opened()
        let hasPulled = try replica.round(from: source, while: { !isStopped }) {
          console.progress(
            "\(replica.position) of \(replica.leaderPosition), \(replica.bytes) bytes")
        }
        failures = 0
        told.failure = ""
        try tell(replica)
        if isOnce, replica.position >= replica.leaderPosition { break }
        if isStopped { break }
        // Whoever says at once that there is more, and has no more, is not asked without a pause.
        if wasWoken, !hasPulled { pause(.seconds(1)) }
        let began = clock.monotonic
        // The seal behind a last write comes a second later, and is no event to wait for.
        try source.wait(behind: replica.position, seconds: replica.isSealed ? 5 : 1)
        wasWoken = clock.monotonic - began < 500_000
      } catch let failure where !(failure is OutputClosed) && !(failure is Failure) {
        if isStopped { break }
        let error = ReplicaError(failure)
        failures += 1
        guard error.isPassing, !isOnce || failures < Self.attempts else { throw error }
        say(error)
        pause(max(backoff.wait(behind: failures), .seconds(min(error.retryAfter ?? 0, 60))))
      }
    }
    return try end()
  }

  /// Does nothing for a while, or until it is to stop.
  private func pause(_ time: Duration) {
    let (seconds, attoseconds) = time.components
    _ = stops.wait(
      milliseconds: Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000),
      for: { $0 ? true : nil })
  }

  private func opened() throws -> Replica {
    if let replica { return replica }
    let opened = try Replica.open(
      storage, of: source.client.endpoint.text, from: source, on: PosixDisk(), clock: clock,
      random: SystemRandomSource())
    replica = opened
    if !invocation.wantsJSON {
      try console.line(
        "following \(source.client.endpoint) into \(storage) from \(opened.position)".harmless)
      try console.flush()
    }
    return opened
  }

  /// Says once what keeps it waiting.
  private func say(_ error: ReplicaError) {
    let words = error.description
    guard words != told.failure else { return }
    told.failure = words
    console.endProgress()
    console.say("cohort: \(words)".harmless)
  }

  /// Tells that everything is here up to what the leader has named: as JSON whenever that is more
  /// than before, in words the first time.
  private func tell(_ replica: Replica) throws {
    console.endProgress()
    for name in replica.lost[told.lost...] {
      console.say(
        "warning: Text \(name.item) of event \(name.position) is zero at the leader, and no "
          + "erasure says so. Look there with 'cohort verify'.")
    }
    told.lost = replica.lost.count
    guard replica.position >= replica.leaderPosition, replica.position != told.position else {
      return
    }
    if invocation.wantsJSON {
      guard !isOnce else { return }
      try console.json { self.write(replica, &$0) }
    } else if told.position == .never {
      try console.line("caught up at \(replica.position)")
    }
    told.position = replica.position
    try console.flush()
  }

  private func write(_ replica: Replica, _ json: inout JSONWriter) {
    json.object { json in
      json.member("leader", replica.leader)
      json.member("ledger", replica.ledger.description)
      json.member("position", replica.position)
      json.member("leader_position", replica.leaderPosition)
      json.member("root", replica.head.root)
      json.member("bytes", replica.bytes)
      json.member("lost_texts", replica.lost.count)
    }
  }

  private func end() throws -> ExitCode {
    guard let replica else { return .storage }
    try replica.close()
    if isOnce {
      if invocation.wantsJSON {
        try console.json { self.write(replica, &$0) }
      } else {
        try console.line("position\t\(replica.position.rawValue)")
        try console.line("root\t\(replica.head.root)")
        try console.line("bytes\t\(replica.bytes)")
      }
    }
    return replica.lost.isEmpty ? .done : .damage
  }

  /// With `--once`.
  private static let attempts = 8

  private static var patience: DeliverySettings {
    var settings = DeliverySettings()
    (settings.firstWait, settings.longestWait) = (.milliseconds(250), .seconds(15))
    return settings
  }
}

extension Option {
  static let keyFile = Option(
    "key-file", "FILE", "holds the REST key; without it, the variable COHORT_KEY does")
}

extension Invocation {
  /// The ledger at an address, with the key that the command line names.
  func leader(_ address: String) throws -> LeaderSource {
    guard let endpoint = Endpoint(address) else {
      throw Failure.usage(
        "'\(address)' is no address of a ledger. Write it as in https://ledger.example, without "
          + "a key in it.")
    }
    let place =
      try arguments.value("key-file").map { SecretSource.file(try path($0)) }
      ?? .environment("COHORT_KEY")
    let key: SecretText
    do throws(SecretError) {
      key = try place.read(in: ".", environment: SystemEnvironment.variables)
    } catch { throw Failure.usage(error.description) }
    if endpoint.isExposed {
      console.say(
        "warning: the key travels to \(endpoint) for everyone to read. Use https, or a tunnel."
          .harmless)
    }
    let clock = SystemClock()
    // Nothing that is asked for is longer than 4 MiB.
    let web = WebClients(
      environment: SystemEnvironment.variables, connections: 1, answerLimit: 8 << 20)
    return LeaderSource(
      client: LeaderClient(endpoint, key, web, now: { Instant(microseconds: clock.wall) }))
  }
}
