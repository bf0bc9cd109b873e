import CohortLedger
import CohortModel
import Foundation

/// Users created through a real ledger, from commands that are there: every group is decided,
/// hashed, written and synced.
func benchUsers() {
  let folder = FileManager.default.temporaryDirectory.appending(path: "cohort-bench-\(getpid())")
  defer { try? FileManager.default.removeItem(at: folder) }
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let users = 2_000_000
    let imports = RunningShop.imports(of: users)
    var times: [Double] = []
    for run in 0..<5 {
      let storage = folder.appending(path: "\(run)").path
      let ledger = try Ledger.open(storage)
      let shop = try RunningShop(ledger)
      times.append(seconds { shop.create(imports) })
      precondition(ledger.now.end.rawValue > users, "the ledger has lost its end")
      try ledger.close()
      try FileManager.default.removeItem(atPath: storage)
    }
    times.sort()
    print(
      "users appended, each group synced: median \(rounded(Double(users) / times[2] / 1e6, 2)) M/s,"
        + " \(rounded(Double(users) / times[4] / 1e6, 2)) to "
        + "\(rounded(Double(users) / times[0] / 1e6, 2))")
  } catch { print("users: \(error)") }
}
