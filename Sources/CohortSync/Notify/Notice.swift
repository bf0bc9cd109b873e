import CohortWire

/// What somebody is told when a run fails, and when one succeeds after that.
package struct Notice: Sendable {
  package enum Event: String, Hashable, Sendable { case failure, recovery }

  package let event: Event
  package let report: RunReport

  /// It is `nil` if there is nothing to tell.
  ///
  /// - Parameters:
  ///   - report: Of the run that has just ended.
  ///   - last: The run before.
  package init?(of report: RunReport, after last: RunHistory.Record?) {
    if !report.isDone {
      event = .failure
    } else if last?.isDone == false {
      event = .recovery
    } else {
      return nil
    }
    self.report = report
  }

  /// One sentence or two for people.
  package var message: String {
    switch event {
    case .recovery: "The sync '\(report.sync)' works again."
    case .failure:
      report.failure ?? report.message
        ?? "\(report.refused) row\(report.refused == 1 ? " was" : "s were") refused. "
        + "See the file of rejects."
    }
  }

  package var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { json in
      json.member("sync", report.sync)
      json.member("event", event.rawValue)
      json.member("time", report.finished.rfc3339)
      json.member("message", message)
      json.key("report")
      json.object { $0.members(of: report) }
    }
    return writer.bytes
  }

  /// Sends it; that it does not arrive is said, and no failure of the run.
  ///
  /// The address of a webhook can hold a key: it stands in no message.
  func send(
    _ target: SyncFile.Notify?, in folder: String, withholding withheld: Set<String>,
    _ services: SyncServices, _ observer: SyncObserver
  ) {
    switch target {
    case nil: return
    case .webhook(let url):
      let request = WebRequest(
        "POST", url, headers: [("Content-Type", "application/json")], body: json,
        timeout: .seconds(10))
      do throws(NoAnswer) {
        let answer = try services.web.send(request)
        if !(200..<300).contains(answer.status) {
          observer.say(
            "The webhook answered \(answer.status). The notice of \(event.rawValue) may be lost.")
        }
      } catch {
        observer.say("The webhook did not answer. The notice of \(event.rawValue) may be lost.")
      }
    case .command(let words):
      if let reason = run(words, in: folder, withholding: withheld) {
        observer.say(
          "The command '\(words[0])' \(reason). The notice of \(event.rawValue) may be lost.")
      }
    }
  }

  /// Starts the command, with the notice as its standard input.
  ///
  /// - Returns: What went wrong.
  private func run(
    _ words: [String], in folder: String, withholding withheld: Set<String>
  ) -> String? {
    let program: Program
    do throws(FileFailure) {
      // A notice fits into the pipe, so whether the command reads it delays nobody.
      let pipe = try Pipe()
      program = try Program(
        words, in: folder, withholding: withheld, Program.Streams(input: pipe.reading))
      try pipe.writing.write(json + [0x0A])
    } catch { return "cannot be started (\(error.words))" }
    switch program.wait() {
    case .code(0): return nil
    case .code(let code): return "ended with code \(code)"
    case .signal(let signal): return "was ended by signal \(signal)"
    }
  }
}
