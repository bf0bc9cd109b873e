import CohortModel
import CohortWire

/// What reading and writing words costs: `bench wire`, or `bench wire csv` for lines with that
/// word.
///
/// Bodies are those of partners: one change with a thousand ids. There are 64 different ones, so
/// that neither the branch predictor nor the cache can learn a single body by heart.
func benchWire() {
  for size in [13, 36] { benchBodies(idSize: size) }
  for size in [13, 36] { benchImports(idSize: size) }
  benchAliasImports()
  benchUsersImport()
  benchAliases()
  benchStrings()
  benchKeys()
  benchTables()
}

private func benchBodies(idSize: Int) {
  let bodies = (0..<64).map { seed in
    body((0..<1000).map { id(UInt64(seed * 1000 + $0), size: idSize) })
  }
  let bytes = bodies.reduce(0) { $0 + $1.count }
  var document = JSONDocument()
  var ranges: [TextRange] = []
  median("json: parse \(idSize)-byte ids and their ranges", bytes, items: 64_000, "id") {
    var found = 0
    for body in bodies {
      ranges.removeAll(keepingCapacity: true)
      do { try document.parse(copying: body.span) } catch { return 0 }
      for change in document.root["cohort_changes"]?.elements ?? document.root.elements {
        guard change["user_ids"]?.stringRanges(into: &ranges) == true else { return 0 }
      }
      found += ranges.count
    }
    return found
  }
}

/// All that lies between the bytes of a part 1 request and its command.
private func benchImports(idSize: Int) {
  let bodies = (0..<64).map { seed in
    body((0..<1000).map { id(UInt64(seed * 1000 + $0), size: idSize) })
  }
  let bytes = bodies.reduce(0) { $0 + $1.count }
  let path = Array("/partners/hightouch/cohorts/users".utf8)
  var document = JSONDocument()
  median("shapes: read imports of \(idSize)-byte ids", bytes, items: 64_000, "id") {
    var found = 0
    for body in bodies {
      do {
        let match = try Routes.find(.post, path.span).get()
        try document.parse(copying: body.span)
        let credentials = PartnerCredentials(
          body: document.root, partner: match.id(0), from: nil,
          digest: { Digest(UInt64($0.count), 0, 0, 0) })
        let request = try WriteRequest(match, body: document.root)
        guard case .wish(.changeMembers(let wish)) = request.action else { return 0 }
        found += wish.changes.reduce(0) { $0 + $1.count } + (credentials.partnerKey == nil ? 1 : 0)
      } catch { return 0 }
    }
    return found
  }
}

private func benchAliasImports() {
  let bodies = (0..<64).map { seed in
    let aliases = (0..<1000).map {
      "{\"alias_name\":\"\(id(UInt64(seed * 1000 + $0), size: 13))\",\"alias_label\":\"crm\"}"
    }
    return Array(
      "{\"cohort_id\":\"vip\",\"cohort_changes\":[{\"aliases\":[\(aliases.joined(separator: ","))]}]}"
        .utf8)
  }
  var document = JSONDocument()
  let bytes = bodies.reduce(0) { $0 + $1.count }
  median("shapes: read imports of aliases", bytes, items: 64_000, "alias") {
    var found = 0
    for body in bodies {
      do {
        try document.parse(copying: body.span)
        let wish = try ChangeMembers(body: document.root, partner: "hightouch")
        found += wish.changes.reduce(0) { $0 + $1.count }
      } catch { return 0 }
    }
    return found
  }
}

private func benchUsersImport() {
  let lines = (0..<10_000).map { line in
    let id = id(UInt64(line), size: 13)
    let alias = "{\"alias_label\":\"crm\",\"alias_name\":\"\(id)\"}"
    return "{\"external_id\":\"\(id)\",\"aliases\":[\(alias)]}\n"
  }
  let text = Array(lines.joined().utf8)
  median("shapes: read a unit of a users import", text.count, items: 10_000, "line") {
    var reader = UsersImportReader()
    reader.push(text.span)
    reader.finish()
    return (try? reader.nextUnit())?.lines.count ?? 0
  }
}

private func benchAliases() {
  let aliases = (0..<1000).map {
    "{\"alias_name\":\"\(id(UInt64($0), size: 13))\",\"alias_label\":\"crm\"}"
  }
  let text = Array("{\"cohort_changes\":[{\"aliases\":[\(aliases.joined(separator: ","))]}]}".utf8)
  var document = JSONDocument()
  median("json: parse and look up aliases", text.count, items: 1000, "alias") {
    do { try document.parse(copying: text.span) } catch { return 0 }
    var found = 0
    for change in document.root["cohort_changes"]?.elements ?? document.root.elements {
      for alias in change["aliases"]?.elements ?? change.elements {
        found += Int(alias["alias_name"]?.text?.count ?? 0)
        found += Int(alias["alias_label"]?.text?.count ?? 0)
      }
    }
    return found
  }
}

private func benchStrings() {
  let plain = Array("\"\(String(repeating: "customer number 42; ", count: 1 << 20))\"".utf8)
  let accents = Array("\"\(String(repeating: "Grüße aus München ", count: 1 << 18))\"".utf8)
  let escapes = Array("\"\(String(repeating: "line\\nand \\u00e9; ", count: 1 << 18))\"".utf8)
  for (name, text) in [("plain", plain), ("accented", accents), ("escaped", escapes)] {
    var document = JSONDocument()
    median("json: one long \(name) string", text.count, items: text.count, "byte") {
      do { try document.parse(copying: text.span) } catch { return 0 }
      return Int(document.root.text?.count ?? 0)
    }
    guard let string = document.root.string else { continue }
    var written: [UInt8] = []
    median("json: write it", string.count, items: string.count, "byte") {
      written.removeAll(keepingCapacity: true)
      JSONWriter.append(to: &written) { $0.string(utf8: string) }
      return written.count
    }
  }
}

private func benchKeys() {
  for count in [1000, 10_000, 100_000, 1_000_000] {
    let members = (0..<count).map { "\"key-\(100_000_000 + $0)\":0" }
    let text = Array("{\(members.joined(separator: ","))}".utf8)
    var document = JSONDocument()
    median("json: object of \(count) keys", text.count, items: count, "key") {
      do { try document.parse(copying: text.span) } catch { return 0 }
      return document.root.count
    }
  }
}

private func benchTables() {
  var writer = CSVWriter()
  writer.row(["external_id", "device_id", "note"])
  for row in 0..<100_000 {
    writer.row([id(UInt64(row), size: 13), "", row % 8 == 0 ? "says \"yes\", often" : "plain"])
  }
  let table = writer.bytes
  let ids = (0..<100_000).map { id(UInt64($0), size: 13) }
  median("csv: read rows of three fields", table.count, items: 100_000, "row") {
    var reader = CSVReader()
    var fields = 0
    do {
      for start in stride(from: 0, to: table.count, by: 1 << 16) {
        reader.push(table[start..<min(start + 1 << 16, table.count)].span)
        while try reader.advance() { fields += reader.row.count }
      }
      reader.finish()
      while try reader.advance() { fields += reader.row.count }
    } catch { return 0 }
    return fields
  }
  median("csv: write them", table.count, items: 100_000, "row") {
    var writer = CSVWriter()
    for (row, id) in ids.enumerated() {
      writer.field(id)
      writer.field("")
      writer.field(row % 8 == 0 ? "says \"yes\", often" : "plain")
      writer.endRow()
    }
    return writer.bytes.count
  }
  let times = (0..<1000).map { Instant(microseconds: Int64($0) * 63_072_000_123_457).rfc3339 }
  median("time: read", 27_000, items: 1000, "time") {
    times.reduce(0) { $0 &+ (Instant(text: $1)?.microseconds ?? 0) } == 0 ? 0 : 1
  }
}

// MARK: - Bodies

private func body(_ ids: [String]) -> [UInt8] {
  let keys =
    "\"partner_api_key\":\"pk-0123456789abcdef\",\"client_secret\":\"dik-0123456789abcdef\""
  let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
  return Array(
    "{\(keys),\"cohort_id\":\"vip\",\"cohort_changes\":[{\"user_ids\":[\(list)],\"should_remove\":false}]}"
      .utf8)
}

/// `customer-1234` with 13 bytes, or a UUID with 36.
private func id(_ number: UInt64, size: Int) -> String {
  var digits = String((number &+ 1) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
  while digits.utf8.count < 32 { digits += digits }
  guard size == 36 else { return String(("user-" + digits).prefix(size)) }
  let parts = [8, 4, 4, 4, 12]
  var rest = digits[...]
  return parts.map { count in
    defer { rest = rest.dropFirst(count) }
    return String(rest.prefix(count))
  }.joined(separator: "-")
}

// MARK: - Measuring

/// Runs `work` in seven rounds of more than a second and prints the middle one, and the fastest.
private func median(
  _ name: String, _ bytes: Int, items: Int, _ item: String, _ work: () -> Int
) {
  let wanted = CommandLine.arguments.dropFirst(2)
  guard wanted.isEmpty || wanted.contains(where: name.contains) else { return }
  let clock = ContinuousClock()
  var check = 0
  var rounds: [Double] = []
  for _ in 0..<7 {
    var count = 0
    let start = clock.now
    while clock.now - start < .milliseconds(1050) {
      check &+= work()
      count += 1
    }
    rounds.append((clock.now - start) / .nanoseconds(1) / Double(count))
  }
  precondition(check != 0, "the work failed, or was optimized away")
  rounds.sort()
  let middle = rounds[3]
  let speed = Int(Double(bytes) / middle * 1000)
  print("\(name): \(tenths(middle / Double(items))) ns/\(item), \(speed) MB/s, ", terminator: "")
  print("fastest \(tenths(rounds[0] / Double(items))), spread \(tenths(rounds[6] / rounds[0]))")
}

private func tenths(_ value: Double) -> String {
  let tenths = Int(value * 10 + 0.5)
  return "\(tenths / 10).\(tenths % 10)"
}
