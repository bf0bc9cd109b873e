import CohortLog
import CohortModel
import CohortSync
import CohortWire

extension Subcommand {
  static func runSync(
    _ services: @autoclosure @escaping @Sendable () -> SyncServices
  ) -> Subcommand {
    Subcommand(
      "sync run", [.syncFiles],
      [
        .syncState,
        Option("dry-run", nil, "say exactly what would change, and write nothing"),
        Option("full", nil, "do without the state: tell everything again"),
        Option(
          "allow-removals", nil,
          "confirm what a guard rail stops, and remove members that no row names"),
      ],
      summary: "Compare a model with the last run, and tell the destination.",
      notes: [
        "Paths in FILE, and the folder of its commands, are those of FILE. The state lies beside",
        "it in 'sync-state'. Rows that match nobody are listed in NAME.rejects.csv and sent again",
        "on each run. Exit code 1: a guard rail, the source or the destination stopped the run, or",
        "rows were refused; 2: the file makes no sense; 4: another run is going on, or no state",
        "can be written.",
      ],
      examples: [
        "sync run repeat-buyers.json", "sync run repeat-buyers.json --dry-run",
        "sync run repeat-buyers.json --json --state /var/lib/cohort",
      ],
      besideServer: .apart
    ) { invocation in
      try invocation.eachSync { file in
        let printer = SyncPrinter(invocation)
        let run = file.run(
          services(), options: invocation.syncOptions, observer: printer.observer)
        let report: RunReport
        do throws(SyncFailure) { report = try run.carryOut() } catch {
          printer.endProgress()
          throw error
        }
        try printer.end(report, rejects: run.state.rejects)
        return report.isDone ? .done : .refused
      }
    }
  }

  static let checkSync = Subcommand(
    "sync check", [.syncFiles], [.syncState],
    summary: "Read the file of a sync, its keys and its model, and send nothing.",
    examples: ["sync check repeat-buyers.json"], besideServer: .apart
  ) { invocation in
    try invocation.eachSync { file in
      let check = try file.check(invocation.console)
      for warning in check.warnings { invocation.console.say("warning: \(warning)".harmless) }
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.member("sync", file.file.name)
            json.member("rows", check.rows)
            json.member("identifiers", check.identifiers)
            json.key("warnings")
            json.array { for warning in check.warnings { $0.string(warning) } }
            json.member("next", check.next.map { .string($0.rfc3339) } ?? .null)
          }
        }
      } else {
        try invocation.console.line("\(file.file.name): the file, its keys and its model are good")
        try invocation.console.line("rows \(check.rows)")
        try invocation.console.line("identifiers \(check.identifiers)")
        if let next = check.next { try invocation.console.line("next \(next.rfc3339)") }
      }
      return .done
    }
  }

  static let syncStatus = Subcommand(
    "sync status", [.syncFiles], [.syncState],
    summary: "Say where a sync stands: its last run, and when the next is due.",
    examples: ["sync status repeat-buyers.json", "sync status *.json --json"],
    besideServer: .apart
  ) { invocation in
    try invocation.eachSync { file in
      let status = try SyncStatus(
        file.file, file.stateFolder, now: Instant(microseconds: SystemClock().wall))
      if invocation.wantsJSON {
        try invocation.console.json { $0.object { $0.members(of: status) } }
      } else {
        for (name, value) in status.lines {
          try invocation.console.line("\(name)\t\(TerminalText.escaped(value))")
        }
      }
      return status.isWell ? .done : .refused
    }
  }

  static let syncHistory = Subcommand(
    "sync history", [.syncFiles], [.syncState],
    summary: "List the runs of a sync, oldest first.",
    examples: ["sync history repeat-buyers.json", "sync history repeat-buyers.json --json"],
    besideServer: .apart
  ) { invocation in
    try invocation.eachSync { file in
      let history = try RunHistory.read(file.stateFolder)
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.array { json in for record in history.records { json.json(record.json) } }
        }
        return .done
      }
      var table = Table(["RUN", "STARTED", "ENTERED", "LEFT", "UNCHANGED", "REJECTED", "END"])
      for record in history.records { table.row(record.fields) }
      try table.print(invocation.console)
      return .done
    }
  }
}

extension SyncServices {
  /// Of the machine itself, with its network.
  static var ofThisMachine: SyncServices {
    let clock = SystemClock()
    return overHTTP(
      now: { Instant(microseconds: clock.wall) }, environment: SystemEnvironment.variables)
  }
}

extension Operand {
  static let syncFiles = Operand("FILE", "the JSON file of a sync", .file, isRepeated: true)
}

extension Option {
  static let syncState = Option(
    "state", "DIR", "the folder of states and histories; without it, 'sync-state' beside FILE")
}

/// The file of a sync, as a command line names it.
struct OpenedSync {
  let file: SyncFile
  /// From which its paths are taken.
  let folder: String
  let state: String

  init(_ path: String, state: String?) throws(Failure) {
    let bytes: [UInt8]
    do throws(FileFailure) { bytes = try FileSystem.read(path, limit: 1 << 20) } catch {
      throw Failure.usage("\(SyncFileError.unreadable(path: path, reason: error.words))")
    }
    do throws(SyncFileError) { file = try SyncFile(parsing: bytes) } catch {
      throw Failure.usage("\(path): \(error)")
    }
    folder = FileSystem.folder(of: path)
    self.state = state ?? "\(folder)/sync-state"
  }

  func run(
    _ services: SyncServices, options: SyncOptions = SyncOptions(),
    observer: SyncObserver = SyncObserver(), stop: StopSign = StopSign()
  ) -> SyncRun {
    SyncRun(
      file, in: folder, state: state, services, options: options, observer: observer, stop: stop)
  }

  var stateFolder: StateFolder { StateFolder(state, name: file.name) }

  func check(_ console: Console) throws(SyncFailure) -> SyncCheck {
    defer { console.endProgress() }
    return try SyncCheck(
      file, in: folder, stateFolder, now: Instant(microseconds: SystemClock().wall),
      environment: SystemEnvironment.variables
    ) { console.progress("\($0) rows read") }
  }
}

extension Invocation {
  /// The syncs that the operands name, all read before anything is done.
  func syncs() throws -> [OpenedSync] {
    let state = arguments.value("state")
    guard state?.isEmpty != true else { throw Failure.usage("--state is empty. Give a folder.") }
    return try arguments.operands.map { try OpenedSync($0, state: state) }
  }

  /// Carries something out for each file.
  ///
  /// One that fails does not keep the others; the code is that of the first that did not end well.
  func eachSync(_ body: (OpenedSync) throws -> ExitCode) throws -> ExitCode {
    let syncs = try syncs()
    var result = ExitCode.done
    for sync in syncs {
      var code: ExitCode
      do { code = try body(sync) } catch is OutputClosed { throw OutputClosed() } catch {
        guard syncs.count > 1 else { throw error }
        let failure = Failure(error)
        console.say("cohort: \(sync.file.name): \(failure.message)".harmless)
        code = failure.code
      }
      if result == .done { result = code }
    }
    return result
  }

  var syncOptions: SyncOptions {
    SyncOptions(
      isDryRun: arguments.has("dry-run"), isFull: arguments.has("full"),
      allowsRemovals: arguments.has("allow-removals"))
  }
}

extension Failure {
  init(_ failure: SyncFailure) {
    let code: ExitCode =
      switch failure {
      case .file, .secret, .otherDestination, .laterState, .noCohort, .noSchedule, .sameName:
        .usage
      case .source: .refused
      case .storage, .locked: .storage
      }
    self.init(code, failure.description)
  }
}

extension RunHistory.Record {
  fileprivate var fields: [String] {
    guard let root = try? JSONDocument(parsing: json).root else { return ["\(run)"] }
    func number(_ key: String) -> String {
      root[key]?.unsignedInteger.map { String($0) } ?? "-"
    }
    func text(_ key: String) -> String? {
      root[key]?.string.map { String(decoding: $0, as: UTF8.self) }
    }
    let end = isDone ? "done" : text("stopped") ?? (text("failure") == nil ? "refused" : "failed")
    return [
      "\(run)", started.rfc3339, number("entered"), number("left"), number("unchanged"),
      number("rejected"), end,
    ]
  }
}
