package import CohortLog
import Glibc

/// All that a simulated disk is, as a value: a copy is a fork of the world.
package struct SimulatedMachine: Sendable {
  package struct Handle: Sendable {
    let node: Int
    /// Duplicates of a descriptor share their opening, and the lock belongs to it.
    let opening: Int
    let isWritable: Bool
    let path: String
  }

  package let seed: UInt64
  package var isPowersafe: Bool
  /// How many bytes of files there may be, in whole 4 KiB blocks; `nil` for no limit.
  package var capacity: Int?
  /// The number for the next descriptor; none is used again, so that use after close shows.
  package var nextNumber: Int32 = 3

  package var names = SimulatedNames()
  package var plan = FaultPlan()
  package private(set) var handles: [Int32: Handle] = [:]
  /// Node to opening.
  package private(set) var locks: [Int: Int] = [:]
  package private(set) var operations = 0
  package private(set) var isDown = false
  package private(set) var trace: [DiskOperation] = []
  package var random: SeededRandom
  private var nextOpening = 0

  package init(seed: UInt64, isPowersafe: Bool, capacity: Int?) {
    self.seed = seed
    self.isPowersafe = isPowersafe
    self.capacity = capacity
    random = SeededRandom(seed: seed)
  }

  /// Counts and notes a call, and returns the fault that hits it.
  package mutating func begin(
    _ call: DiskError.Call, _ path: String, offset: Int = 0, count: Int = 0
  ) throws(SystemFailure) -> DiskFault.Effect? {
    if isDown { throw .powerIsOff }
    operations += 1
    var fault = plan.next(call, path)
    if let n = plan.powerLossOnceIn {
      if random.once(in: isPending ? max(n / 10, 1) : n) { fault = .powerLoss }
    }
    if trace.count == traceMax { trace.removeFirst(traceMax / 2) }
    trace.append(
      DiskOperation(
        number: operations, call: call, path: path, offset: offset, count: count, fault: fault))
    switch fault {
    case .powerLoss?:
      isDown = true
      throw .powerIsOff
    case .error(let errno)?: throw SystemFailure(errno)
    default: return fault
    }
  }

  /// Whether a power loss now could take something away.
  package var isPending: Bool {
    names.isPending || names.nodes.contains { $0.file.isPending }
  }

  /// How many bytes may still be allocated.
  package var free: Int {
    guard let capacity else { return 1 << 40 }
    let open = Set(handles.values.map(\.node))
    let live = names.nodes.indices.filter { names.nodes[$0].linkCount > 0 || open.contains($0) }
    return max(0, capacity - live.reduce(0) { $0 + names.nodes[$1].file.visible.allocated })
  }

  package func handle(_ number: Int32) throws(SystemFailure) -> Handle {
    guard let handle = handles[number] else { throw SystemFailure(EBADF) }
    return handle
  }

  package mutating func open(_ path: String, _ flags: Int32) throws(SystemFailure) -> Int32 {
    var node: Int
    do throws(SystemFailure) {
      node = try names.node(at: path)
      if flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL { throw SystemFailure(EEXIST) }
    } catch {
      guard error.errno == ENOENT, flags & O_CREAT != 0 else { throw error }
      node = try names.make(.regular, at: path)
    }
    let isWritable = flags & O_ACCMODE != O_RDONLY
    switch names.nodes[node].kind {
    case .symbolicLink: throw SystemFailure(ELOOP)
    case .directory where isWritable: throw SystemFailure(EISDIR)
    default: break
    }
    nextOpening += 1
    return add(Handle(node: node, opening: nextOpening, isWritable: isWritable, path: path))
  }

  package mutating func duplicate(
    _ number: Int32, atLeast minimum: Int32
  ) throws(SystemFailure) -> Int32 {
    let handle = try handle(number)
    nextNumber = max(nextNumber, minimum)
    return add(handle)
  }

  private mutating func add(_ handle: Handle) -> Int32 {
    defer { nextNumber += 1 }
    handles[nextNumber] = handle
    return nextNumber
  }

  package mutating func close(_ number: Int32) throws(SystemFailure) {
    let handle = try handle(number)
    handles[number] = nil
    // Closing unlocks, whoever has a copy: see `PosixDisk.close`.
    if locks[handle.node] == handle.opening { locks[handle.node] = nil }
  }

  package mutating func lock(_ number: Int32) throws(SystemFailure) {
    let handle = try handle(number)
    let holder = locks[handle.node] ?? handle.opening
    guard holder == handle.opening else { throw SystemFailure(EWOULDBLOCK) }
    locks[handle.node] = holder
  }

  package func status(of node: Int) -> FileStatus {
    let found = names.nodes[node]
    return FileStatus(
      kind: found.kind, size: found.file.visible.size, linkCount: found.linkCount,
      identity: FileIdentity(device: 1, inode: UInt64(node) + 1))
  }

  /// Ends the process: what it wrote stays, what it had open is closed.
  package mutating func kill() {
    handles.removeAll()
    locks.removeAll()
  }

  /// Ends the process and loses the power; the machine is up again when this returns.
  package mutating func crash(_ random: inout SeededRandom) {
    kill()
    names.crash(&random)
    for node in names.nodes.indices {
      names.nodes[node].file.crash(isPowersafe: isPowersafe, &random)
    }
    isDown = false
  }
}

private let traceMax = 4_096
