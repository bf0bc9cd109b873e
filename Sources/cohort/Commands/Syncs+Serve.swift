import CohortSync
import CohortThreads
import CohortWire
import Glibc

extension Subcommand {
  static func serveSyncs(
    _ services: @autoclosure @escaping @Sendable () -> SyncServices
  ) -> Subcommand {
    Subcommand(
      "sync serve", [.syncFiles], [.syncState],
      summary: "Run syncs by their schedules, until it is ended.",
      notes: [
        "A line on standard output for each run: one JSON value with --json. What is due while the",
        "run before is going on is skipped; of runs missed while nothing served one is made up.",
        "SIGTERM and SIGINT let requests in flight end, a second one ends at once. Nothing is",
        "lost by either.",
      ],
      examples: ["sync serve repeat-buyers.json vip.json"], besideServer: .apart
    ) { invocation in
      let signals = Signals([SIGTERM, SIGINT])
      let stop = StopSign()
      let services = services()
      let (output, error) = (invocation.console.output, invocation.console.error)
      let observer = SyncObserver(say: { words in
        Console(output: output, error: error).say(words.harmless)
      })
      let wantsJSON = invocation.wantsJSON
      let service = try SyncService(
        invocation.syncs().map { $0.run(services, observer: observer, stop: stop) }, services,
        observer, stop: stop
      ) { run, result in
        // That nobody reads it keeps no sync from running.
        let console = Console(output: output, error: error)
        switch result {
        case .success(let report):
          if let message = report.message { console.say("\(run.file.name): \(message)".harmless) }
          try? console.print(report, asJSON: wantsJSON)
        case .failure(let failure): console.say("\(run.file.name): \(failure)".harmless)
        }
        try? console.flush()
      }
      _ = try Thread("signals") {
        _ = signals.wait()
        service.end()
        // Whoever asks a second time does not want to wait.
        _exit(128 + signals.wait())
      }
      service.serve()
      return .done
    }
  }
}

extension Console {
  /// Prints what a run has done on one line.
  fileprivate func print(_ report: RunReport, asJSON: Bool) throws {
    guard !asJSON else { return try json { $0.object { $0.members(of: report) } } }
    try line(
      "\(report.sync): run \(report.run), entered \(report.entered), left \(report.left), "
        + "unchanged \(report.unchanged), rejected \(report.rejected), "
        + (report.stopped.map { "stopped: \($0.rawValue)" } ?? "done"))
  }
}
