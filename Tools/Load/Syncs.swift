import Foundation

/// A sync of ten million rows from a CSV into the server: all enter; one in forty is another one;
/// nothing has changed.
///
/// `rows` is a multiple of 40, and the shop has a fortieth more users.
func measureSync(_ shop: Shop, rows: Int) throws {
  let first = shop.folder.appending(path: "first.csv")
  let second = shop.folder.appending(path: "second.csv")
  try writeModel(first, shop, rows) { $0 }
  try writeModel(second, shop, rows) { $0 % 40 == 0 ? rows + $0 / 40 : $0 }
  let model = shop.folder.appending(path: "model.csv")
  for (name, withOutcomes) in [("model", true), ("blind", false)] {
    let file = try writeSync(shop, name, model, withOutcomes: withOutcomes)
    print("sync of \(rows) rows \(withOutcomes ? "with" : "without") outcomes")
    for (words, table) in [
      ("  all enter:     ", first), ("  5 % changes:   ", second), ("  nothing to do: ", second),
    ] {
      try? FileManager.default.removeItem(at: model)
      try FileManager.default.linkItem(at: table, to: model)
      print("\(words) \(try runSync(shop, file))")
    }
  }
  print("  server: \(rounded(shop.memory("VmHWM"), 0)) MiB at most")
}

/// Rows in an order that is not that of their identifiers.
private func writeModel(
  _ file: URL, _ shop: Shop, _ rows: Int, _ chosen: (Int) -> Int
) throws {
  try Data().write(to: file)
  let handle = try FileHandle(forWritingTo: file)
  defer { try? handle.close() }
  var text = "id,external_id\n"
  for row in 0..<rows {
    // A prime that does not divide the count visits every number once.
    let number = row * 7_368_787 % rows
    text += "\(number),\(shop.externalID(chosen(number)))\n"
    guard text.utf8.count > 1 << 20 || row == rows - 1 else { continue }
    try handle.write(contentsOf: Data(text.utf8))
    text = ""
  }
  // Or the disk would still be busy with it while the ledger and the sync wait for theirs.
  try handle.synchronize()
}

private func writeSync(
  _ shop: Shop, _ name: String, _ model: URL, withOutcomes: Bool
) throws -> URL {
  for (file, key) in [
    ("partner.key", shop.partnerKey), ("import.key", shop.importKey), ("read.key", shop.tellingKey),
  ] {
    try key.write(to: shop.folder.appending(path: file), atomically: true, encoding: .utf8)
  }
  let file = shop.folder.appending(path: "\(name).json")
  let readKey = withOutcomes ? ",\"read_key\":{\"file\":\"read.key\"}" : ""
  let text = """
    {"name":"\(name)","source":{"csv":"\(model.lastPathComponent)"},"primary_key":"id",
     "match":{"external_id":"external_id"},
     "destination":{"endpoint":"http://127.0.0.1:\(shop.port)","partner":"hightouch",
      "partner_api_key":{"file":"partner.key"},"data_import_key":{"file":"import.key"}\(readKey)},
     "cohort":{"create":{"cohort_id":"\(name)","name":"\(name)"}}}
    """
  try text.write(to: file, atomically: true, encoding: .utf8)
  return file
}

/// Runs a sync in a process of its own, and says what it did, in how long and with how much.
private func runSync(_ shop: Shop, _ file: URL) throws -> String {
  let process = Process()
  process.executableURL = shop.program
  process.arguments = [
    "sync", "run", file.path, "--state", shop.folder.appending(path: "state").path, "--json",
  ]
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  let before = shop.processorSeconds().server
  let start = nanoseconds()
  try process.run()
  var peak = 0.0
  while process.isRunning {
    peak = max(peak, processMemory(process.processIdentifier, "VmHWM"))
    usleep(20_000)
  }
  let took = Double(nanoseconds() - start) / 1e9
  let data = output.fileHandleForReading.readDataToEndOfFile()
  guard process.terminationStatus == 0,
    let report = try JSONSerialization.jsonObject(with: data) as? [String: Any],
    let entered = report["entered"] as? Int, let left = report["left"] as? Int,
    let sent = report["sent"] as? Int
  else {
    throw Trouble("cohort sync run ended with \(process.terminationStatus).")
  }
  let rate = sent > 0 ? ", \(rounded(Double(sent) / took / 1e6, 2)) M changes/s" : ""
  return "\(entered) entered, \(left) left, \(sent) sent in \(rounded(took, 1)) s\(rate); "
    + "client \(rounded(peak, 0)) MiB at most, server \(rounded(shop.memory(), 0)) MiB and "
    + "\(rounded(shop.processorSeconds().server - before, 1)) s of processor"
}
