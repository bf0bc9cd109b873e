package import CohortLog
import Glibc
import Synchronization

/// A disk in memory that remembers what is durable, and breaks on request.
///
/// Everything it does by chance comes from its seed and the seeds of the crashes, so a failure that
/// prints ``trace`` can be repeated. One system call is one operation; a call of ``Disk`` may make
/// several.
package final class SimulatedDisk: Disk, SystemCalls {
  /// For the extensions of this class.
  let machine: Mutex<SimulatedMachine>
  private let before: (@Sendable (DiskError.Call, String) -> Void)?

  /// Makes an empty disk.
  ///
  /// - Parameters:
  ///   - seed: For what it does by chance without a crash: partial syncs, ``restart()``.
  ///   - isPowersafe: Whether a write never changes bytes around it, even if the power goes.
  ///   - capacity: How many bytes of files there may be, in blocks of 4 KiB; `nil` for no limit.
  ///   - before: Called before each operation, outside all locks: here a test can make one wait.
  package init(
    seed: UInt64 = 0, isPowersafe: Bool = true, capacity: Int? = nil,
    before: (@Sendable (DiskError.Call, String) -> Void)? = nil
  ) {
    machine = Mutex(SimulatedMachine(seed: seed, isPowersafe: isPowersafe, capacity: capacity))
    self.before = before
  }

  private init(_ copy: SimulatedMachine) {
    machine = Mutex(copy)
    before = nil
  }

  /// Whether a write never changes bytes around it, even if the power goes.
  package var isPowersafe: Bool { machine.withLock { $0.isPowersafe } }

  /// Returns another disk in the same state, faults and open files included.
  ///
  /// Costs little: the two share their bytes until one of them writes.
  package func copy() -> SimulatedDisk { SimulatedDisk(machine.withLock { $0 }) }

  /// Loses the power, keeps what `seed` says of what was on its way, and starts the machine again.
  ///
  /// Every descriptor is void and every lock free.
  package func crash(seed: UInt64) {
    machine.withLock {
      var random = SeededRandom(seed: seed)
      $0.crash(&random)
    }
  }

  /// Starts the machine again after a planned power loss, with a seed drawn from that of the disk.
  package func restart() { crash(seed: machine.withLock { $0.random.next() }) }

  /// Ends the process as `kill -9` does: nothing is lost, nothing becomes durable.
  package func kill() { machine.withLock { $0.kill() } }

  /// Drops what the kernel holds in memory and believes to be on the disk.
  package func evict() {
    machine.withLock { for node in $0.names.nodes.indices { $0.names.nodes[node].file.evict() } }
  }

  package func inject(_ fault: DiskFault) { machine.withLock { $0.plan.faults.append(fault) } }

  /// Plans an effect on the `nth` matching call from now, and on `times` calls from there.
  package func inject(
    _ effect: DiskFault.Effect, on call: DiskError.Call? = nil, of path: String = "",
    at nth: Int = 1, times: Int = 1
  ) { inject(DiskFault(effect, on: call, of: path, at: nth, times: times)) }

  /// Loses the power by chance, once in `n` calls, and ten times as often while data is pending.
  package func losePower(onceIn n: Int?) { machine.withLock { $0.plan.powerLossOnceIn = n } }

  /// Takes back every fault that has not come yet.
  package func repair() { machine.withLock { $0.plan = FaultPlan() } }

  package var capacity: Int? {
    get { machine.withLock { $0.capacity } }
    set { machine.withLock { $0.capacity = newValue } }
  }

  /// The number of the next descriptor; 0 stands for a process started without standard streams.
  package var nextDescriptor: Int32 {
    get { machine.withLock { $0.nextNumber } }
    set { machine.withLock { $0.nextNumber = newValue } }
  }

  /// How many calls were made so far, interrupted and failed ones included.
  package var operations: Int { machine.withLock { $0.operations } }

  package var isDown: Bool { machine.withLock { $0.isDown } }

  /// Whether a power loss now could take something away.
  package var isPending: Bool { machine.withLock { $0.isPending } }

  package var openFiles: Int { machine.withLock { $0.handles.count } }

  /// The seed and the latest operations, one a line.
  package var trace: String {
    machine.withLock { machine in
      (["seed \(machine.seed)"] + machine.trace.map(\.description)).joined(separator: "\n")
    }
  }

  func before(_ call: DiskError.Call, _ number: Int32) {
    if let before { before(call, machine.withLock { $0.handles[number]?.path ?? "" }) }
  }

  /// Does what every call does before its own work, and then that work.
  func run<Result: Sendable>(
    _ call: DiskError.Call, _ path: String,
    _ work: (inout SimulatedMachine) throws(SystemFailure) -> Result
  ) throws(SystemFailure) -> Result {
    before?(call, path)
    return try machine.withLock { machine throws(SystemFailure) in
      _ = try machine.begin(call, path)
      return try work(&machine)
    }
  }

  /// The same for a call on an open file.
  func run<Result: Sendable>(
    _ call: DiskError.Call, _ number: Int32, offset: Int = 0, count: Int = 0,
    _ work: (
      inout SimulatedMachine, SimulatedMachine.Handle, DiskFault.Effect?
    ) throws(SystemFailure) -> Result
  ) throws(SystemFailure) -> Result {
    before(call, number)
    return try machine.withLock { machine throws(SystemFailure) in
      let handle = try machine.handle(number)
      let fault = try machine.begin(call, handle.path, offset: offset, count: count)
      return try work(&machine, handle, fault)
    }
  }
}
