import CohortSync
import CohortWire
import Synchronization

/// Tells of one run: progress on a terminal, words on standard error, changes and the report on
/// standard output.
final class SyncPrinter: Sendable {
  private struct Output: Sendable {
    var bytes: [UInt8] = []
    var hasBegun = false
    /// Why nothing more is printed.
    var failure: (any Error)?
  }

  private let state = Mutex(Output())
  private let output: Int32
  private let error: Int32
  private let wantsJSON: Bool
  private let isDryRun: Bool

  init(_ invocation: Invocation) {
    (output, error) = (invocation.console.output, invocation.console.error)
    wantsJSON = invocation.wantsJSON
    isDryRun = invocation.arguments.has("dry-run")
  }

  /// Words need no order with anything that is kept, so each comes from a console of its own.
  private var console: Console { Console(output: output, error: error) }

  var observer: SyncObserver {
    SyncObserver(
      say: { [self] words in
        endProgress()
        console.say(words.harmless)
      },
      progress: { [self] words in console.progress(words) },
      change: { [self] change in print(change) })
  }

  func endProgress() { console.endProgress() }

  // MARK: Changes

  private func print(_ change: PlannedChange) {
    state.withLock { state in
      guard state.failure == nil else { return }
      if wantsJSON {
        state.bytes += Array((state.hasBegun ? "," : "{\"changes\":[").utf8)
        JSONWriter.append(to: &state.bytes) { json in
          json.object { json in
            json.member("change", change.isRemoval ? "remove" : "add")
            json.member("identifier", utf8: change.identifier)
            json.member("primary_key", utf8: change.key)
            json.member("outcome", change.fate.map { .string($0.name) } ?? .null)
          }
        }
      } else {
        let fields = [
          Array((change.isRemoval ? "-" : "+").utf8), TerminalText.escaped(change.identifier),
          TerminalText.escaped(change.key), Array((change.fate?.name ?? "-").utf8),
        ]
        state.bytes += fields.joined(separator: [0x09])
        state.bytes.append(0x0A)
      }
      state.hasBegun = true
      if state.bytes.count >= 1 << 16 { flush(&state) }
    }
  }

  private func flush(_ state: inout Output) {
    do {
      let console = console
      try console.data(state.bytes)
      try console.flush()
    } catch { state.failure = error }
    state.bytes.removeAll(keepingCapacity: true)
  }

  // MARK: The end

  /// Prints the report.
  ///
  /// - Throws: What kept the changes from being printed, too.
  func end(_ report: RunReport, rejects: String) throws {
    endProgress()
    if let message = report.message { console.say("cohort: \(message)".harmless) }
    if report.rejected > 0, !isDryRun {
      console.say("Rows without a match are listed in '\(rejects)'.".harmless)
    }
    let failure = state.withLock { state in
      state.bytes += wantsJSON ? json(report, state.hasBegun) : Self.lines(report)
      if state.failure == nil { flush(&state) }
      return state.failure
    }
    if let failure { throw failure }
  }

  private func json(_ report: RunReport, _ hasBegun: Bool) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { $0.members(of: report) }
    guard isDryRun else { return writer.bytes + [0x0A] }
    let beginning = hasBegun ? "]," : "{\"changes\":[],"
    return Array(beginning.utf8) + writer.bytes.dropFirst() + [0x0A]
  }

  private static func lines(_ report: RunReport) -> [UInt8] {
    var lines: [(String, Int)] = [
      ("rows", report.rows), ("entered", report.entered), ("left", report.left),
      ("unchanged", report.unchanged), ("sent", report.sent),
    ]
    for (fate, name) in Fate.outcomes + [(.accepted, "accepted")] {
      if let count = report.fates[fate], count > 0 { lines.append((name, count)) }
    }
    lines += [("rejected", report.rejected), ("refused", report.refused)]
    if report.unnamed > 0 { lines.append(("unnamed", report.unnamed)) }
    return Array(lines.map { "\($0.0) \($0.1)\n" }.joined().utf8)
  }
}
