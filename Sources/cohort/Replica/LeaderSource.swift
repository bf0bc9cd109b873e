import CohortFormat
import CohortLedger
import CohortModel
import CohortSync

/// A ledger elsewhere, as what follows it asks for it.
struct LeaderSource: LogSource {
  let client: LeaderClient
  /// Asked before each request; when nobody wants more, none is sent.
  var isWanted: @Sendable () -> Bool = { true }

  func head(held: Position?) throws(SourceFailure) -> LeaderHead {
    let status = try asking { () throws(LeaderClient.Failure) in try client.status(held: held) }
    guard let ledger = LedgerID(status.ledger) else {
      throw .refused("\(client.endpoint) names no ledger. Check the address.")
    }
    return LeaderHead(
      ledger: ledger, tree: TreeHead(size: status.size, root: status.root),
      logBytes: status.logBytes, time: status.time)
  }

  func root(at size: UInt64) throws(SourceFailure) -> Digest {
    try asking { () throws(LeaderClient.Failure) in try client.root(at: size) }
  }

  func proof(from earlier: UInt64, to later: UInt64) throws(SourceFailure) -> LeaderProof {
    let found = try asking { () throws(LeaderClient.Failure) in
      try client.consistency(from: earlier, to: later)
    }
    return LeaderProof(
      from: TreeHead(size: found.from.size, root: found.from.root),
      to: TreeHead(size: found.to.size, root: found.to.root), path: found.path)
  }

  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    try asking { () throws(LeaderClient.Failure) in try client.bytes(in: range, held: held) }
  }

  func wait(behind position: Position, seconds: Int) throws(SourceFailure) {
    try asking { () throws(LeaderClient.Failure) in
      try client.wait(behind: position, seconds: seconds)
    }
  }

  private func asking<Value>(
    _ body: () throws(LeaderClient.Failure) -> Value
  ) throws(SourceFailure) -> Value {
    guard isWanted() else { throw .unheard("it is not asked any more", retryAfter: nil) }
    do { return try body() } catch {
      switch error {
      case .unheard(let reason, let seconds): throw .unheard(reason, retryAfter: seconds)
      case .refused(let words): throw .refused(words)
      }
    }
  }
}
