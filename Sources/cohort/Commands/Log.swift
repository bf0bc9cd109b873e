import CPlatform
import CohortFormat
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import Glibc

extension Subcommand {
  static let log = Subcommand(
    "log", [],
    [
      Option("after", "POSITION", "only what came after this position"),
      Option("to", "POSITION", "only up to this position"),
      Option("follow", nil, "go on as events come, until interrupted"),
    ],
    summary: "Print the events of the log, one a line.",
    notes: [
      "With --json each line is one event as feeds show it.",
      "--follow needs a running server, and goes on until it, the reader or Ctrl-C ends it.",
    ],
    examples: ["log", "log --after 41 --json", "log --after 41 --follow"]
  ) { invocation in
    let after = try invocation.position("after") ?? .origin
    let through = try invocation.position("to")
    if invocation.arguments.has("follow") {
      return try invocation.follow(after: after, through: through)
    }
    return try invocation.reading { ledger in
      _ = try invocation.printEvents(ledger.now, after: after, through: through)
      return .done
    }
  }

  static let replay = Subcommand(
    "replay", [],
    [
      Option("to", "POSITION", "replay up to here"),
      Option("digest", nil, "print the digest of the state behind each position"),
      Option("every", "N", "with --digest: only each N-th position, and the last"),
    ],
    summary: "Replay the log, and print digests of the state.",
    notes: [
      "Reads the log from its first event, without snapshots, and judges every event: one that",
      "cannot have happened ends it with exit code 3.",
      "Two logs with the same events give the same digests, on any machine, erasures or not.",
    ],
    examples: ["replay --digest", "replay --to 1000 --digest --every 100"]
  ) { invocation in
    let to = try invocation.position("to") ?? .never
    let every = try invocation.number("every") ?? 1
    return try invocation.reading { ledger in
      let last = min(to, ledger.now.end)
      if to != .never, to > ledger.now.end {
        throw LedgerError.beyondEnd(to, end: ledger.now.end)
      }
      let step = invocation.arguments.has("digest") ? every : max(last.rawValue, 1)
      var broken: (any Error)?
      var isFirst = true
      if invocation.wantsJSON { try invocation.console.data(Array("{\"digests\":[".utf8)) }
      let console = invocation.console
      try ledger.digests(through: to, every: step, while: { !console.isAbandoned }) { digest in
        do {
          let line =
            invocation.wantsJSON
            ? "\(isFirst ? "" : ",")"
              + "{\"position\":\(digest.position.rawValue),\"digest\":\"\(digest.digest)\"}"
            : "\(digest.position)\t\(digest.digest)\n"
          try invocation.console.data(Array(line.utf8))
        } catch { broken = error }
        isFirst = false
        return broken == nil
      }
      if let broken { throw broken }
      if console.isAbandoned { throw OutputClosed() }
      if invocation.wantsJSON { try invocation.console.line("]}") }
      return .done
    }
  }
}

extension Invocation {
  /// A whole number from 1 up.
  func number(_ option: String) throws(Failure) -> UInt64? {
    guard let text = arguments.value(option) else { return nil }
    guard let number = UInt64(text), number > 0 else {
      throw .usage("--\(option) '\(text)' is no number. Give a whole number from 1 up.")
    }
    return number
  }

  /// - Returns: The last position that was printed.
  fileprivate func printEvents(
    _ view: View, after: Position, through: Position?
  ) throws -> Position {
    var last = after
    var broken: (any Error)?
    let (words, names) = (EventWords(view), view.wireNames)
    try view.forEachEvent(after: after, through: through) { decoded, epoch in
      let recorded = decoded.recorded
      do {
        if wantsJSON {
          try console.json { $0.event(recorded, epoch: epoch.description, names: names) }
        } else {
          let what = words.text(of: recorded.event, at: recorded.position)
          let fields = [
            recorded.position.description, recorded.time.rfc3339, recorded.key.description, what,
          ]
          try console.line(fields.map { TerminalText.escaped($0) }.joined(separator: "\t"))
        }
      } catch { broken = error }
      last = recorded.position
      return broken == nil
    }
    if let broken { throw broken }
    return last
  }

  /// Prints events as they become durable.
  ///
  /// Only the process that writes hears of them: beside it one could but look again and again.
  fileprivate func follow(after: Position, through: Position?) throws -> ExitCode {
    guard case .server = place, let caller = console.caller else {
      throw Failure(
        .storage,
        "There is no server that could tell of new events. "
          + "Start 'cohort serve' first, or leave out --follow.")
    }
    caller.follows()
    return try reading { ledger in
      var after = after
      while true {
        after = try printEvents(ledger.now, after: after, through: through)
        try console.flush()
        if let through, after >= through { return .done }
        let bell = try Bell()
        guard let watch = ledger.watch(behind: after, { bell.ring() }) else {
          throw Failure(
            .storage,
            "The server is shutting down, and tells of nothing more. "
              + "Follow on from \(after) when it is back.")
        }
        let news = caller.waitForNews(bell.descriptor.number, or: console.output)
        withExtendedLifetime(watch) {}
        guard news else { throw OutputClosed() }
      }
    }
  }
}

/// Rung by whoever has news, heard by whoever polls.
private struct Bell: Sendable {
  let descriptor: OwnedDescriptor

  init() throws(Failure) {
    let number = eventfd(0, Int32(EFD_CLOEXEC))
    guard number >= 0 else {
      throw Failure(
        .storage,
        "The server has no descriptor left (\(SystemReason(errno).words)). Try again later.")
    }
    descriptor = OwnedDescriptor(number)
  }

  func ring() { _ = eventfd_write(descriptor.number, 1) }
}
