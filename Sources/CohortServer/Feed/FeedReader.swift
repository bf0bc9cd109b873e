import CohortFormat
import CohortLedger
import CohortModel
import CohortWire

/// Writes the events behind a position, some at a time.
///
/// Invariants:
/// - Events leave in the order of the log, each at most once, and none of those asked for is left
///   out.
/// - Between two parts it holds a place and nothing of the log: a slow reader costs no memory, and
///   what is erased meanwhile is not told.
struct FeedReader: Sendable {
  /// How events are put into bytes.
  enum Form: Sendable {
    /// `{…}⏎`
    case lines
    /// `id: 41@…⏎data: {…}⏎⏎`
    case serverSentEvents
  }

  let form: Form
  let types: Set<String>?
  let showsIdentifiers: Bool
  /// How many events may still leave.
  private(set) var remaining: Int
  private var pass: EventPass
  /// Everything up to here was looked at.
  var position: Position { pass.position }
  /// Of the last event that was looked at; `nil` if that was none.
  private var epoch: (value: Epoch, text: String)?
  /// Whether the other side knows of ``position``.
  private(set) var isTold = true

  init(
    _ form: Form, types: Set<String>?, showsIdentifiers: Bool, after: Position, limit: Int
  ) {
    self.form = form
    self.types = types
    self.showsIdentifiers = showsIdentifiers
    pass = EventPass(after: after)
    remaining = limit
  }

  /// A part is about as long, or holds one long event.
  static let partSize = 64 << 10
  /// After so many events that nobody asked for others get their turn.
  static let lookedAtMax = 16_384

  /// Takes what comes next in a view.
  ///
  /// - Returns: Empty if there is nothing for the reader, though there may be more to look at:
  ///   compare ``position`` with the view's.
  /// - Throws: ``LedgerError/unreadable(_:)`` at an event that cannot be read, once everything
  ///   before it was taken.
  mutating func part(of view: View) throws(LedgerError) -> [UInt8] {
    guard remaining > 0, position < view.position else { return [] }
    let names = view.wireNames(at: .never, showsPersonalTexts: showsIdentifiers)
    var (reader, pass) = (self, pass)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.partSize + 4_096)
    var lookedAt = 0
    var trouble: LedgerError?
    do throws(LedgerError) {
      try pass.forEachEvent(of: view) { decoded, epoch in
        reader.take(decoded.recorded, epoch, names, &bytes)
        lookedAt += 1
        return reader.remaining > 0 && bytes.count < Self.partSize
          && lookedAt < Self.lookedAtMax
      }
    } catch { trouble = error }
    // What stands before the damage is good; the next call meets it again.
    if let trouble, lookedAt == 0 { throw trouble }
    self = reader
    self.pass = pass
    return bytes
  }

  private mutating func take(
    _ recorded: Recorded, _ epoch: Epoch, _ names: Names, _ bytes: inout [UInt8]
  ) {
    if self.epoch?.value != epoch { self.epoch = (epoch, epoch.description) }
    isTold = false
    if let types, !types.contains(recorded.event.typeName) { return }
    isTold = true
    remaining -= 1
    let text = self.epoch?.text ?? ""
    if form == .serverSentEvents {
      bytes += Array("id: \(recorded.position.rawValue)@\(text)\ndata: ".utf8)
    }
    JSONWriter.append(to: &bytes) { $0.event(recorded, epoch: text, names: names) }
    bytes += Array((form == .serverSentEvents ? "\n\n" : "\n").utf8)
  }

  /// What an idle stream says: where it stands, or nothing.
  ///
  /// It stands elsewhere if it has moved past events that nobody asked for: an `id` without data
  /// moves the reader's checkpoint and gives it no event. Else a comment keeps the line open.
  mutating func sign() -> [UInt8] {
    guard !isTold, let epoch else { return Array(":\n\n".utf8) }
    isTold = true
    return Array("id: \(position.rawValue)@\(epoch.text)\n\n".utf8)
  }
}
