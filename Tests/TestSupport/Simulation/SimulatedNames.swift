package import CohortLog
import Glibc

/// The directory tree, as a reader sees it and as it would be found after a power loss.
///
/// A name is durable once its directory is synced, whatever became of the data of the file: each
/// creation, renaming and removal since then arrives or not, a renaming as a whole.
package struct SimulatedNames: Sendable {
  package struct Node: Sendable {
    package let kind: FileStatus.Kind
    package var file = SimulatedFile()
    package fileprivate(set) var linkCount = 0
    fileprivate var visible: [String: Int] = [:]
    fileprivate var durable: [String: Int] = [:]
  }

  private struct Entry: Hashable {
    let directory: Int
    let name: String
  }

  private struct Change {
    /// What each name stands for from now on; `nil` for nothing.
    var meanings: [(entry: Entry, node: Int?)]
  }

  /// By number; the root is the first.
  ///
  /// A node stays when its last name goes, for a crash may bring the name back.
  package var nodes: [Node] = [Node(kind: .directory)]
  private var pending: [Change] = []

  package init() { nodes[0].linkCount = 1 }

  package var isPending: Bool { !pending.isEmpty }

  package func node(at path: String) throws(SystemFailure) -> Int {
    var node = 0
    for name in path.split(separator: "/") where name != "." {
      guard nodes[node].kind == .directory else { throw SystemFailure(ENOTDIR) }
      guard let next = nodes[node].visible[String(name)] else { throw SystemFailure(ENOENT) }
      node = next
    }
    return node
  }

  package func names(in path: String) throws(SystemFailure) -> [String] {
    let directory = try node(at: path)
    guard nodes[directory].kind == .directory else { throw SystemFailure(ENOTDIR) }
    return Array(nodes[directory].visible.keys)
  }

  package mutating func make(
    _ kind: FileStatus.Kind, at path: String
  ) throws(SystemFailure) -> Int {
    let entry = try entry(at: path)
    guard meaning(of: entry) == nil else { throw SystemFailure(EEXIST) }
    nodes.append(Node(kind: kind))
    change([(entry, nodes.count - 1)])
    return nodes.count - 1
  }

  package mutating func link(_ path: String, to newPath: String) throws(SystemFailure) {
    let node = try node(at: path)
    let entry = try entry(at: newPath)
    guard meaning(of: entry) == nil else { throw SystemFailure(EEXIST) }
    change([(entry, node)])
  }

  package mutating func rename(_ path: String, to newPath: String) throws(SystemFailure) {
    let (old, new) = (try entry(at: path), try entry(at: newPath))
    guard let node = meaning(of: old) else { throw SystemFailure(ENOENT) }
    if (newPath + "/").hasPrefix(path + "/"), newPath != path { throw SystemFailure(EINVAL) }
    if let replaced = meaning(of: new) {
      if replaced == node { return }
      let (isDirectory, wasDirectory) = (
        nodes[node].kind == .directory, nodes[replaced].kind == .directory
      )
      if isDirectory, !wasDirectory { throw SystemFailure(ENOTDIR) }
      if !isDirectory, wasDirectory { throw SystemFailure(EISDIR) }
      guard nodes[replaced].visible.isEmpty else { throw SystemFailure(ENOTEMPTY) }
    }
    change([(old, nil), (new, node)])
  }

  package mutating func unlink(_ path: String) throws(SystemFailure) {
    let entry = try entry(at: path)
    guard let node = meaning(of: entry) else { throw SystemFailure(ENOENT) }
    guard nodes[node].kind != .directory else { throw SystemFailure(EISDIR) }
    change([(entry, nil)])
  }

  /// Makes the names in one directory durable.
  ///
  /// A renaming between two directories arrives whole with either; what was pending before it for
  /// the same names is thereby overtaken.
  package mutating func sync(_ path: String) throws(SystemFailure) {
    let directory = try node(at: path)
    guard nodes[directory].kind == .directory else { throw SystemFailure(ENOTDIR) }
    var overtaken: Set<Entry> = []
    var rest: [Change] = []
    for change in pending.reversed() {
      let meanings = change.meanings.filter { !overtaken.contains($0.entry) }
      if meanings.contains(where: { $0.entry.directory == directory }) {
        for meaning in meanings {
          nodes[meaning.entry.directory].durable[meaning.entry.name] = meaning.node
          overtaken.insert(meaning.entry)
        }
      } else if !meanings.isEmpty {
        rest.append(Change(meanings: meanings))
      }
    }
    pending = rest.reversed()
  }

  /// Makes every name durable.
  package mutating func syncAll() {
    for change in pending { apply(change) }
    pending.removeAll()
  }

  /// Loses the power: a part of what was on its way arrives, and those are the names from now on.
  package mutating func crash(_ random: inout SeededRandom) {
    let arrival = Arrival(of: pending.count, &random)
    for (index, change) in pending.enumerated() where arrival.includes(index, &random) {
      apply(change)
    }
    pending.removeAll()
    for node in nodes.indices {
      nodes[node].visible = nodes[node].durable
      nodes[node].linkCount = node == 0 ? 1 : 0
    }
    var found = [0]
    while let node = found.popLast() {
      for child in nodes[node].visible.values {
        nodes[child].linkCount += 1
        if nodes[child].kind == .directory { found.append(child) }
      }
    }
    // Nobody can reach these any more, so they need no room.
    for node in nodes.indices where nodes[node].linkCount == 0 {
      nodes[node] = Node(kind: nodes[node].kind)
    }
  }

  private func entry(at path: String) throws(SystemFailure) -> Entry {
    var names = path.split(separator: "/").filter { $0 != "." }
    guard let last = names.popLast() else { throw SystemFailure(EEXIST) }
    let directory = try node(at: names.joined(separator: "/"))
    guard nodes[directory].kind == .directory else { throw SystemFailure(ENOTDIR) }
    return Entry(directory: directory, name: String(last))
  }

  private func meaning(of entry: Entry) -> Int? { nodes[entry.directory].visible[entry.name] }

  private mutating func change(_ meanings: [(entry: Entry, node: Int?)]) {
    for (entry, node) in meanings {
      if let old = meaning(of: entry) { nodes[old].linkCount -= 1 }
      if let node { nodes[node].linkCount += 1 }
      nodes[entry.directory].visible[entry.name] = node
    }
    pending.append(Change(meanings: meanings))
  }

  private mutating func apply(_ change: Change) {
    for (entry, node) in change.meanings {
      nodes[entry.directory].durable[entry.name] = node
    }
  }
}
