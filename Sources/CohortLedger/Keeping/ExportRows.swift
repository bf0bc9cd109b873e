import CohortModel

// A row of an export, as NDJSON:
//
//     {"position":9,"time_us":1763…,"partner":"hightouch","cohort_id":"vip","kind":"import",
//      "direction":"entered","user":1,"external_id":"ana","aliases":[{"alias_label":"email",
//      "alias_name":"ana@x"}],"device_ids":["d1"]}
//     {"position":2,"time_us":1763…,"kind":"created","user":1,"into":null,"external_id":"ana"}
//
// and the same as CSV, with the first alias and the first device only. What is the same for all
// users of a change is put together once: a change may have millions.

/// The rows of one file.
struct ExportRows {
  /// What happens to users as such.
  enum UserChange: String { case created, merge, deletion }

  let format: ExportFormat
  private let directory: Directory
  private let erasures: (UserID) -> Bool
  private let showsIdentifiers: Bool
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0
  private(set) var first = Position.never
  private(set) var last = Position.origin
  /// What stands before the user in all rows of the change at `headPosition`.
  private var head: [UInt8] = []
  private var headKey: HeadKey?

  private struct HeadKey: Equatable {
    let position: Position
    let direction: Direction
  }

  init(_ format: ExportFormat, _ state: LedgerState, showsIdentifiers: Bool) {
    self.format = format
    directory = state.directory
    let (erasures, directory) = (state.erasures, state.directory)
    // Whoever was merged into an erased user was erased with it.
    self.erasures = { erasures.erasure(of: directory.survivor(of: $0)) != nil }
    self.showsIdentifiers = showsIdentifiers
  }

  /// Begins a file.
  mutating func begin(ofUsers isOfUsers: Bool) {
    bytes.removeAll(keepingCapacity: true)
    (count, first, last) = (0, .never, .origin)
    guard format == .csv else { return }
    bytes += Array(
      (isOfUsers
        ? "position,time_us,kind,user,into"
        : "position,time_us,partner,cohort_id,kind,direction,user").utf8)
    if showsIdentifiers { bytes += Array(",external_id,alias_label,alias_name,device_id".utf8) }
    bytes.append(0x0A)
  }

  mutating func add(_ change: CohortChange, _ user: UserID, _ cohort: CohortName) {
    let key = HeadKey(position: change.position, direction: change.direction)
    if key != headKey { (head, headKey) = (head(of: change, cohort), key) }
    bytes += head
    number(UInt64(user.rawValue))
    let ends = change.kind != .import && change.direction == .leaving
    finish(user, at: change.position, ends: ends)
  }

  private func head(of change: CohortChange, _ cohort: CohortName) -> [UInt8] {
    let direction = change.direction == .entering ? "entered" : "left"
    let (position, time) = (change.position.rawValue, change.time.microseconds)
    var row = ExportText()
    switch format {
    case .ndjson:
      row.plain("{\"position\":\(position),\"time_us\":\(time),\"partner\":")
      row.quoted(cohort.partner.bytes)
      row.plain(",\"cohort_id\":")
      row.quoted(cohort.cohortID.bytes)
      row.plain(
        ",\"kind\":\"\(change.kind.rawValue)\",\"direction\":\"\(direction)\",\"user\":")
    case .csv:
      row.plain("\(position),\(time),")
      row.field(cohort.partner.bytes)
      row.plain(",")
      row.field(cohort.cohortID.bytes)
      row.plain(",\(change.kind.rawValue),\(direction),")
    }
    return row.bytes
  }

  mutating func add(_ recorded: Recorded, _ kind: UserChange, _ user: UserID, into: UserID?) {
    let (position, time) = (recorded.position.rawValue, recorded.time.microseconds)
    var row = ExportText()
    let survivor = into.map { String($0.rawValue) }
    switch format {
    case .ndjson:
      row.plain("{\"position\":\(position),\"time_us\":\(time),\"kind\":\"\(kind.rawValue)\"")
      row.plain(",\"user\":\(user.rawValue),\"into\":\(survivor ?? "null")")
    case .csv:
      row.plain("\(position),\(time),\(kind.rawValue),\(user.rawValue),\(survivor ?? "")")
    }
    bytes += row.bytes
    finish(user, at: recorded.position, ends: kind != .created)
  }

  private mutating func finish(_ user: UserID, at position: Position, ends: Bool) {
    if showsIdentifiers {
      identifiers(user, at: ends ? Position(max(position.rawValue, 1) - 1) : position)
    }
    if format == .ndjson { bytes.append(UInt8(ascii: "}")) }
    bytes.append(0x0A)
    count += 1
    first = min(first, position)
    last = max(last, position)
  }

  /// Decimal digits, without a `String` for each.
  private mutating func number(_ number: UInt64) {
    let start = bytes.count
    var rest = number
    repeat {
      bytes.append(UInt8(truncatingIfNeeded: 0x30 + rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  private mutating func identifiers(_ user: UserID, at position: Position) {
    var externalID: [UInt8]?
    var aliases: [(label: [UInt8], name: [UInt8])] = []
    var devices: [[UInt8]] = []
    directory.forEachIdentifier(of: user, at: position) { identifier, role in
      guard let text = directory.text(of: identifier) else { return }
      switch role {
      case .primary: externalID = text
      case .alias:
        guard case .alias(let label) = directory.kind(of: identifier) else { return }
        aliases.append((directory.text(of: label), text))
      case .device: devices.append(text)
      case .deprecated, .merged, .free: break
      }
    }
    aliases.sort { $0.label.lexicographicallyPrecedes($1.label) }
    devices.sort { $0.lexicographicallyPrecedes($1) }
    var row = ExportText(bytes)
    bytes = []
    switch format {
    case .ndjson:
      row.plain(",\"external_id\":")
      if let externalID { row.quoted(externalID) } else { row.plain("null") }
      row.list("aliases", aliases) { row, alias in
        row.plain("{\"alias_label\":")
        row.quoted(alias.label)
        row.plain(",\"alias_name\":")
        row.quoted(alias.name)
        row.plain("}")
      }
      row.list("device_ids", devices) { row, device in row.quoted(device) }
      if erasures(user) { row.plain(",\"erased\":true") }
    case .csv:
      for text in [externalID, aliases.first?.label, aliases.first?.name, devices.first] {
        row.plain(",")
        row.field(text ?? [])
      }
    }
    bytes = row.bytes
  }
}

/// Bytes of a row under way.
private struct ExportText {
  private(set) var bytes: [UInt8]

  init(_ bytes: consuming [UInt8] = []) { self.bytes = bytes }

  mutating func plain(_ text: String) { bytes += Array(text.utf8) }

  /// A string of JSON.
  mutating func quoted(_ text: [UInt8]) {
    // Nearly all identifiers need no escape.
    if text.allSatisfy({ $0 >= 0x20 && $0 < 0x80 && $0 != 0x22 && $0 != 0x5C }) {
      bytes.append(0x22)
      bytes += text
      bytes.append(0x22)
    } else {
      var json = PlainJSON()
      json.string(text)
      plain(json.text)
    }
  }

  /// A member with an array, left out if that is empty.
  mutating func list<Element>(
    _ key: String, _ elements: [Element], _ body: (inout ExportText, Element) -> Void
  ) {
    guard !elements.isEmpty else { return }
    plain(",\"\(key)\":[")
    for (index, element) in elements.enumerated() {
      if index > 0 { plain(",") }
      body(&self, element)
    }
    plain("]")
  }

  /// Quoted where a comma, a quote or the end of a line would be misread.
  mutating func field(_ text: [UInt8]) {
    guard text.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else {
      bytes += text
      return
    }
    bytes += [0x22] + text.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
  }
}
