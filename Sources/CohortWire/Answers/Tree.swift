package import CohortModel

// Tree heads and proofs in the public form of RFC 6962: hashes as 64 hexadecimal digits.

extension JSONWriter {
  /// Writes the members of a tree head.
  package mutating func head(size: UInt64, root: Digest) {
    member("size", size)
    member("root", root)
  }

  /// Writes the members of the proof that an event is a leaf of a tree.
  ///
  /// - Parameters:
  ///   - position: Of the event; its leaf has the index one less.
  ///   - size: Of the tree.
  ///   - leaf: The hash of the event.
  ///   - root: Of the tree.
  ///   - path: From the leaf upward (RFC 6962, section 2.1.1).
  package mutating func inclusion(
    of position: Position, size: UInt64, leaf: Digest, root: Digest, path: [Digest]
  ) {
    member("position", position)
    member("index", position.rawValue - 1)
    member("leaf", leaf)
    head(size: size, root: root)
    digests("path", path)
  }

  /// Writes the members of the proof that one tree begins another (RFC 6962, section 2.1.2).
  package mutating func consistency(
    from earlier: (size: UInt64, root: Digest), to later: (size: UInt64, root: Digest),
    path: [Digest]
  ) {
    for (key, head) in [("from", earlier), ("to", later)] {
      self.key(key)
      object { $0.head(size: head.size, root: head.root) }
    }
    digests("path", path)
  }

  private mutating func digests(_ key: String, _ digests: [Digest]) {
    self.key(key)
    array { for digest in digests { $0.string(digest.description) } }
  }
}
