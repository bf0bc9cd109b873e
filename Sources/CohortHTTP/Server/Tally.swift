import Synchronization

/// The counters of a server, written by its loops and read by anyone.
final class Tally: Sendable {
  let open = Atomic<Int>(0)
  let held = Atomic<Int>(0)
  let accepted = Atomic<UInt64>(0)
  let refused = Atomic<UInt64>(0)
  let requests = Atomic<UInt64>(0)
  let bytesIn = Atomic<UInt64>(0)
  let bytesOut = Atomic<UInt64>(0)
  let protocolErrors = Atomic<UInt64>(0)
  let otherRefusals = Atomic<UInt64>(0)
  let acceptPauses = Atomic<UInt64>(0)

  func add(_ fault: HTTPFault) {
    if fault.isProtocolError {
      protocolErrors.add(1, ordering: .relaxed)
    } else {
      otherRefusals.add(1, ordering: .relaxed)
    }
  }

  var counters: HTTPCounters {
    var counters = HTTPCounters()
    counters.openConnections = open.load(ordering: .relaxed)
    counters.heldBytes = held.load(ordering: .relaxed)
    counters.accepted = accepted.load(ordering: .relaxed)
    counters.refused = refused.load(ordering: .relaxed)
    counters.requests = requests.load(ordering: .relaxed)
    counters.bytesIn = bytesIn.load(ordering: .relaxed)
    counters.bytesOut = bytesOut.load(ordering: .relaxed)
    counters.protocolErrors = protocolErrors.load(ordering: .relaxed)
    counters.otherRefusals = otherRefusals.load(ordering: .relaxed)
    counters.acceptPauses = acceptPauses.load(ordering: .relaxed)
    return counters
  }
}
