package import CohortLog
import Glibc

/// What a simulated disk does wrong, once or more often, from some call on.
package struct DiskFault: Hashable, Sendable {
  package enum Effect: Hashable, Sendable {
    /// The call does nothing and fails: `EIO`, `ENOSPC`, `EINTR` … A failed sync keeps its pages.
    case error(Int32)
    /// A read or write does no more than so many bytes.
    case short(Int)
    /// A read or write does nothing and says 0.
    case zero
    /// The write goes wrong and says it went well.
    case writeFate(WriteFate)
    /// What is read has one bit turned over. The disk itself is right.
    case misreads(bit: Int)
    /// The sync fails with `EIO`; a part has arrived, and the rest is dropped as if it had.
    case syncFailsAndDrops
    /// The same, but this sync says it went well, and the next one fails.
    case syncFailsLate
    /// The power goes before the call does anything.
    case powerLoss
  }

  package let effect: Effect
  /// `nil` for any call.
  package let call: DiskError.Call?
  /// The end of the path concerned; empty for any.
  package let path: String
  /// How many calls more are spared, and how many are then hit.
  package fileprivate(set) var spared: Int
  package fileprivate(set) var left: Int

  package init(
    _ effect: Effect, on call: DiskError.Call? = nil, of path: String = "", at nth: Int = 1,
    times: Int = 1
  ) {
    precondition(nth >= 1 && times >= 1, "The first call is number 1.")
    self.effect = effect
    self.call = call
    self.path = path
    spared = nth - 1
    left = times
  }

  /// Counts a call and tells whether it is hit.
  fileprivate mutating func hits(_ call: DiskError.Call, _ path: String) -> Bool {
    guard self.call == nil || self.call == call, path.hasSuffix(self.path) else { return false }
    guard spared == 0 else {
      spared -= 1
      return false
    }
    left -= 1
    return true
  }
}

/// The faults still to come.
package struct FaultPlan: Sendable {
  package var faults: [DiskFault] = []
  /// Lose the power once in so many calls, and ten times as often while something is pending.
  package var powerLossOnceIn: Int?

  /// Returns the first fault that hits this call; every fault counts it.
  package mutating func next(_ call: DiskError.Call, _ path: String) -> DiskFault.Effect? {
    guard !faults.isEmpty else { return nil }
    var effect: DiskFault.Effect?
    for index in faults.indices {
      if faults[index].hits(call, path), effect == nil { effect = faults[index].effect }
    }
    faults.removeAll { $0.left == 0 }
    return effect
  }
}

/// One call that a simulated disk answered.
package struct DiskOperation: Hashable, Sendable, CustomStringConvertible {
  package let number: Int
  package let call: DiskError.Call
  package let path: String
  package let offset: Int
  package let count: Int
  /// The fault that hit it.
  package let fault: DiskFault.Effect?

  package var description: String {
    let place =
      switch call {
      case .read, .write: " \(count) at \(offset)"
      case .truncate: " to \(offset)"
      default: ""
      }
    return "\(number) \(call.rawValue) \(path)\(place)\(fault.map { " ! \($0)" } ?? "")"
  }
}

extension DiskError {
  /// Whether the simulated power is off; no real error has this number.
  package var isPowerLoss: Bool { errno == SystemFailure.powerIsOff.errno }
}

extension SystemFailure {
  package static let powerIsOff = SystemFailure(9_999)
}
