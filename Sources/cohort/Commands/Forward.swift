import CohortModel
import CohortSync
import CohortThreads
import CohortWire
import Glibc

extension Subcommand {
  static func forward(
    _ services: @autoclosure @escaping @Sendable () -> SyncServices
  ) -> Subcommand {
    Subcommand(
      "forward", [Operand("FILE", "the JSON file of a forwarding", .file)],
      [
        Option(
          "state", "DIR", "the folder of the state; without it, 'forward-state' beside FILE"),
        Option("once", nil, "end at the end of the feed"),
        Option("full", nil, "compare all that the feed tells with what was told"),
      ],
      summary: "Tell another endpoint what changes in cohorts of a ledger.",
      notes: [
        "FILE names the ledger (endpoint, read_key with ledger.read and ledger.log), the destination",
        "as in a sync, and the cohorts: [\"hightouch/vip\"]. The first time it tells who is in now;",
        "then every change, in order. What a page of the feed tells is acknowledged before the next",
        "is read: end it or kill it at any time.",
        "A user is called by the external id, else the first alias, else a device; later by what was",
        "sent. Who matches nobody is listed in NAME.forward.rejects.csv, and told again at each",
        "start, every hour, and when the ledger learns another identifier. A lost state, another",
        "list of cohorts and a restored ledger have the feed read from its beginning. Cohorts that",
        "are taken off the list stay as they are there, but for who is merged or erased. SIGTERM lets",
        "requests in flight end. Exit code 1: not all was told, or rows were refused; 2: FILE or",
        "the state makes no sense; 4: the state is in use or cannot be written.",
      ],
      examples: [
        "forward platform.json", "forward platform.json --once --json",
        "forward platform.json --state /var/lib/cohort",
      ],
      besideServer: .apart
    ) { invocation in
      let path = invocation.arguments.operands[0]
      let opened = try OpenedForward(path, state: invocation.arguments.value("state"))
      let (output, error) = (invocation.console.output, invocation.console.error)
      let wantsJSON = invocation.wantsJSON
      let once = invocation.arguments.has("once")
      let observer = ForwardObserver(
        say: { words in Console(output: output, error: error).say(words.harmless) },
        caughtUp: { report in
          // That nobody reads it keeps nothing from being forwarded.
          guard !once else { return }
          let console = Console(output: output, error: error)
          try? console.print(report, asJSON: wantsJSON)
          try? console.flush()
        })
      let signals = Signals([SIGTERM, SIGINT])
      let stop = StopSign()
      _ = try Thread("signals") {
        _ = signals.wait()
        stop.raise()
        // Whoever asks a second time does not want to wait.
        _exit(128 + signals.wait())
      }
      let run = ForwardRun(
        opened.file, in: opened.folder, state: opened.state, ForwardServices(services()),
        options: ForwardOptions(once: once, isFull: invocation.arguments.has("full")),
        observer: observer, stop: stop)
      let report = try run.carryOut()
      if let message = report.message { invocation.console.say("cohort: \(message)".harmless) }
      if report.rejected > 0 {
        invocation.console.say("Who matched nobody is listed in '\(run.state.rejects)'.".harmless)
      }
      try invocation.console.print(report, asJSON: wantsJSON)
      return report.isDone ? .done : .refused
    }
  }
}

/// The file of a forwarding, as a command line names it.
private struct OpenedForward {
  let file: ForwardFile
  /// From which its paths are taken.
  let folder: String
  let state: ForwardFolder

  init(_ path: String, state: String?) throws(Failure) {
    guard state?.isEmpty != true else { throw Failure.usage("--state is empty. Give a folder.") }
    let bytes: [UInt8]
    do throws(FileFailure) { bytes = try FileSystem.read(path, limit: 1 << 20) } catch {
      throw Failure.usage("\(SyncFileError.unreadable(path: path, reason: error.words))")
    }
    do throws(SyncFileError) { file = try ForwardFile(parsing: bytes) } catch {
      throw Failure.usage("\(path): \(error)")
    }
    folder = FileSystem.folder(of: path)
    self.state = ForwardFolder(state ?? "\(folder)/forward-state", name: Self.name(of: path))
  }

  /// The name of the file, without `.json`.
  private static func name(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".json") && name.utf8.count > 5 ? String(name.dropLast(5)) : name
  }
}

extension Failure {
  init(_ failure: ForwardFailure) {
    let code: ExitCode =
      switch failure {
      case .secret, .sameLedger, .otherState, .laterState: .usage
      case .storage, .locked: .storage
      }
    self.init(code, failure.description)
  }
}

extension Console {
  fileprivate func print(_ report: ForwardReport, asJSON: Bool) throws {
    guard !asJSON else { return try json { $0.object { $0.members(of: report) } } }
    try line(
      "\(report.name): position \(report.checkpoint.position.rawValue), events \(report.events), "
        + "sent \(report.sent), rejected \(report.rejected), "
        + (report.stopped.map { "stopped: \($0.rawValue)" }
          ?? (report.untold > 0 ? "untold \(report.untold)" : "all told")))
  }
}
