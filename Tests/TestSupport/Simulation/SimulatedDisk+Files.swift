package import CohortLog
import Synchronization

/// What a test may do to the files behind the back of the ledger.
extension SimulatedDisk {
  /// The bytes a reader would see, or `nil` if there is no such file.
  package func contents(of path: String) -> [UInt8]? {
    file(at: path) { $0.visible.bytes }
  }

  /// The bytes that are on the disk for certain, under a name that may not be.
  package func durableContents(of path: String) -> [UInt8]? {
    file(at: path) { $0.durable.bytes }
  }

  /// Puts a durable file there, in place of what bore the name.
  package func place(_ bytes: [UInt8], at path: String) throws(SystemFailure) {
    try machine.withLock { machine throws(SystemFailure) in
      try? machine.names.unlink(path)
      let node = try machine.names.make(.regular, at: path)
      machine.names.nodes[node].file = SimulatedFile(durable: bytes)
      machine.names.syncAll()
    }
  }

  /// Puts something there that is no regular file: a symbolic link, or (`other`) a pipe or device.
  package func plant(_ kind: FileStatus.Kind, at path: String) throws(SystemFailure) {
    try machine.withLock { machine throws(SystemFailure) in
      _ = try machine.names.make(kind, at: path)
      machine.names.syncAll()
    }
  }

  /// Gives a file a second name.
  package func link(_ path: String, to newPath: String) throws(SystemFailure) {
    try machine.withLock { machine throws(SystemFailure) in
      try machine.names.link(path, to: newPath)
      machine.names.syncAll()
    }
  }

  /// Lets one bit rot, on the disk and in memory.
  package func rot(_ path: String, bit: Int) throws(SystemFailure) {
    try machine.withLock { machine throws(SystemFailure) in
      let node = try machine.names.node(at: path)
      machine.names.nodes[node].file.rot(bit: bit)
    }
  }

  private func file<Result: Sendable>(
    at path: String, _ look: (SimulatedFile) -> Result
  ) -> Result? {
    machine.withLock { machine in
      guard let node = try? machine.names.node(at: path) else { return nil }
      guard machine.names.nodes[node].kind == .regular else { return nil }
      return look(machine.names.nodes[node].file)
    }
  }
}
