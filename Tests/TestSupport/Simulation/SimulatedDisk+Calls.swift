package import CohortLog
import Glibc
import Synchronization

extension SimulatedDisk {
  package func open(_ path: String, flags: Int32) throws(SystemFailure) -> Int32 {
    try run(.open, path) { (machine) throws(SystemFailure) in try machine.open(path, flags) }
  }

  package func close(_ number: Int32) throws(SystemFailure) {
    before(.close, number)
    try machine.withLock { machine throws(SystemFailure) in
      let path = try machine.handle(number).path
      // Linux gives the number back even if the call then fails.
      defer { try? machine.close(number) }
      _ = try machine.begin(.close, path)
    }
  }

  package func duplicate(
    _ number: Int32, atLeast minimum: Int32
  ) throws(SystemFailure) -> Int32 {
    try run(.open, number) { (machine, _, _) throws(SystemFailure) in
      try machine.duplicate(number, atLeast: minimum)
    }
  }

  package func fstat(_ number: Int32) throws(SystemFailure) -> FileStatus {
    try run(.status, number) { (machine, handle, _) throws(SystemFailure) in
      machine.status(of: handle.node)
    }
  }

  package func lstat(_ path: String) throws(SystemFailure) -> FileStatus {
    try run(.status, path) { (machine) throws(SystemFailure) in
      machine.status(of: try machine.names.node(at: path))
    }
  }

  package func pread(
    _ number: Int32, into bytes: inout OutputSpan<UInt8>, at offset: Int
  ) throws(SystemFailure) -> Int {
    let count = bytes.freeCapacity
    let found = try run(.read, number, offset: offset, count: count) {
      (machine, handle, fault) throws(SystemFailure) -> [UInt8] in
      guard offset >= 0 else { throw SystemFailure(EINVAL) }
      var image = machine.names.nodes[handle.node].file.visible
      switch fault {
      case .zero?: return []
      case .short(let limit)?: return image.read(at: offset, count: min(count, limit))
      case .misreads(let bit)?:
        let end = min(offset + count, image.size)
        if end > offset { image.flip(bit: offset * 8 + bit % ((end - offset) * 8)) }
        return image.read(at: offset, count: count)
      default: return image.read(at: offset, count: count)
      }
    }
    unsafe bytes.withUnsafeMutableBufferPointer { buffer, initialized in
      let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[initialized...])
      _ = unsafe rest.update(fromContentsOf: found)
      initialized += found.count
    }
    return found.count
  }

  package func pwrite(
    _ number: Int32, _ bytes: Span<UInt8>, at offset: Int
  ) throws(SystemFailure) -> Int {
    try run(.write, number, offset: offset, count: bytes.count) {
      (machine, handle, fault) throws(SystemFailure) -> Int in
      guard handle.isWritable else { throw SystemFailure(EBADF) }
      guard offset >= 0 else { throw SystemFailure(EINVAL) }
      guard offset + bytes.count <= sizeMax else { throw SystemFailure(EFBIG) }
      var count = bytes.count
      var fate = WriteFate.arrives
      switch fault {
      case .zero?: return 0
      case .short(let limit)?: count = min(count, limit)
      case .writeFate(let given)?: fate = given
      default: break
      }
      if machine.capacity != nil {
        let image = machine.names.nodes[handle.node].file.visible
        count = image.fitting(count, at: offset, free: machine.free)
        if count == 0, bytes.count > 0 { throw SystemFailure(ENOSPC) }
      }
      machine.names.nodes[handle.node].file.write(bytes.extracting(first: count), at: offset, fate)
      return count
    }
  }

  package func lseek(
    _ number: Int32, to target: SeekTarget, from offset: Int
  ) throws(SystemFailure) -> Int {
    try run(.status, number, offset: offset) { (machine, handle, _) throws(SystemFailure) in
      let image = machine.names.nodes[handle.node].file.visible
      guard let found = image.first(allocated: target == .data, from: offset) else {
        throw SystemFailure(ENXIO)
      }
      return found
    }
  }

  package func fdatasync(_ number: Int32) throws(SystemFailure) {
    try run(.sync, number) { (machine, handle, fault) throws(SystemFailure) in
      if fault == .syncFailsAndDrops || fault == .syncFailsLate {
        let isLate = fault == .syncFailsLate
        machine.names.nodes[handle.node].file.failSync(late: isLate, &machine.random)
        if !isLate { throw SystemFailure(EIO) }
      } else if !machine.names.nodes[handle.node].file.sync() {
        throw SystemFailure(EIO)
      }
    }
  }

  package func ftruncate(_ number: Int32, to size: Int) throws(SystemFailure) {
    try run(.truncate, number, offset: size) { (machine, handle, _) throws(SystemFailure) in
      guard handle.isWritable, size >= 0 else { throw SystemFailure(EINVAL) }
      guard size <= sizeMax else { throw SystemFailure(EFBIG) }
      machine.names.nodes[handle.node].file.truncate(to: size)
    }
  }

  package func rename(from path: String, to newPath: String) throws(SystemFailure) {
    try run(.rename, path) { (machine) throws(SystemFailure) in
      try machine.names.rename(path, to: newPath)
    }
  }

  package func unlink(path: String) throws(SystemFailure) {
    try run(.unlink, path) { (machine) throws(SystemFailure) in try machine.names.unlink(path) }
  }

  package func fsync(directory path: String) throws(SystemFailure) {
    try run(.syncDirectory, path) { (machine) throws(SystemFailure) in
      try machine.names.sync(path)
    }
  }

  package func mkdir(_ path: String) throws(SystemFailure) {
    try run(.makeDirectory, path) { (machine) throws(SystemFailure) in
      _ = try machine.names.make(.directory, at: path)
    }
  }

  package func readdir(_ path: String) throws(SystemFailure) -> [String] {
    try run(.list, path) { (machine) throws(SystemFailure) in try machine.names.names(in: path) }
  }

  package func flock(_ number: Int32) throws(SystemFailure) {
    try run(.lock, number) { (machine, _, _) throws(SystemFailure) in try machine.lock(number) }
  }

  package func statvfs(_ path: String) throws(SystemFailure) -> Int {
    try run(.freeSpace, path) { (machine) throws(SystemFailure) in
      _ = try machine.names.node(at: path)
      return machine.free
    }
  }
}

/// More than any test needs, little enough that a list of its chunks fits into memory.
private let sizeMax = 1 << 36
