import CohortModel
import CohortWire

/// What a run could not place, as CSV: `primary_key,identifier,change,reason`.
struct Rejects {
  private var writer = CSVWriter()
  private(set) var count = 0
  private(set) var refused = 0

  init(
    _ plan: Plan, _ delivered: Delivered, withoutIdentifier: [[UInt8]], _ redaction: Redaction
  ) {
    writer.row(["primary_key", "identifier", "change", "reason"])
    for key in withoutIdentifier {
      add(key[...], [], "add", "no identifier")
    }
    var reasons: [Bool: [Int: String]] = [:]
    for refusal in delivered.refusals {
      reasons[refusal.isRemoval, default: [:]][refusal.index] = redaction.apply(refusal.reason)
    }
    add(delivered.removals, of: plan.removed, "remove", reasons[true] ?? [:])
    add(delivered.additions, of: plan.added, "add", reasons[false] ?? [:])
  }

  private mutating func add(
    _ fates: [Fate], of identifiers: ChosenIdentifiers, _ change: String, _ reasons: [Int: String]
  ) {
    for (index, fate) in fates.enumerated() {
      switch fate {
      case .unknown, .identified, .merged:
        add(identifiers.key(index), identifiers[index], change, fate.name)
      case .refused:
        refused += 1
        add(identifiers.key(index), identifiers[index], change, reasons[index] ?? fate.name)
      case .notSent, .unsure, .accepted, .added, .alreadyMember, .removed, .notMember: break
      }
    }
  }

  private mutating func add(
    _ key: ArraySlice<UInt8>, _ identifier: ArraySlice<UInt8>, _ change: String, _ reason: String
  ) {
    count += 1
    writer.field(key)
    writer.field(identifier)
    writer.field(change)
    writer.field(reason)
    writer.endRow()
  }

  func write(to path: String) throws(FileFailure) {
    let bytes = writer.bytes
    try FileSystem.replace(path) { file throws(FileFailure) in try file.write(bytes) }
  }

  /// Lists members that no row names.
  static func writeUnnamed(_ members: [LedgerMember], to path: String) throws(FileFailure) {
    var writer = CSVWriter()
    writer.row(["user", "member"])
    for member in members { writer.row([member.user.description, member.selector]) }
    let bytes = writer.bytes
    try FileSystem.replace(path) { file throws(FileFailure) in try file.write(bytes) }
  }
}
