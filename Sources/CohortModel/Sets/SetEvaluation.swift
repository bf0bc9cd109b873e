/// One pass over the chunks of an expression's leaves.
///
/// The tree is laid out in an array once, so that no chunk pays for walking through boxes:
///
///     (A ∪ B) ∖ C        nodes  0 difference 1, 4   1 union 2, 3   2 leaf A   3 leaf B   4 leaf C
///
/// For each chunk a node comes out as nothing, as a leaf's chunk just as it is, or as a bitmap in
/// the scratch row of its depth. A node uses its own row for itself and the next one for an operand
/// that needs room while the own row is taken.
struct SetEvaluation {
  enum Operation { case leaf, union, intersection, difference }

  private struct Node {
    var operation: Operation
    /// The number of the leaf, or where the operands stand in `operands`.
    var leaf = 0
    var operands = 0..<0
  }

  private enum Outcome {
    case nobody
    case leaf(Int)
    case row
  }

  private var nodes: [Node] = []
  private var operands: [Int] = []
  private var leaves: [LiveUsers] = []
  /// For each leaf, its first chunk whose key is not below the current one.
  private var places: [Int] = []
  /// The key of that chunk, or `Int.max` behind the last one.
  private var keys: [Int] = []
  private var key = 0
  private var rows: [BitmapRow] = []

  init(of expression: SetExpression) {
    _ = add(expression, depth: 0)
    places = [Int](repeating: 0, count: leaves.count)
    keys = places
    for leaf in leaves.indices { readKey(of: leaf) }
  }

  private mutating func add(_ expression: SetExpression, depth: Int) -> Int {
    let number = nodes.count
    if rows.count <= depth { rows.append(BitmapRow()) }
    switch expression {
    case .users(let users):
      nodes.append(Node(operation: .leaf, leaf: leaves.count))
      leaves.append(users)
    case .union(let parts):
      nodes.append(Node(operation: .union))
      addOperands(parts, of: number, depth: depth)
    case .intersection(let parts):
      nodes.append(Node(operation: .intersection))
      addOperands(parts, of: number, depth: depth)
    case .difference(let whole, let part):
      nodes.append(Node(operation: .difference))
      addOperands([whole, part], of: number, depth: depth)
    }
    return number
  }

  private mutating func addOperands(_ parts: [SetExpression], of number: Int, depth: Int) {
    let numbers = parts.map { add($0, depth: depth + 1) }
    nodes[number].operands = operands.count..<operands.count + numbers.count
    operands += numbers
  }

  mutating func users() -> LiveUsers {
    var builder = EvaluatedChunks(of: leaves)
    while moveToNextChunk() {
      switch outcome(of: 0, row: 0) {
      case .nobody: break
      case .leaf(let leaf): builder.append(leaves[leaf].chunks[places[leaf]])
      case .row: builder.append(UInt16(key), bitmap: rows[0].words)
      }
      leaveChunk()
    }
    return builder.finish()
  }

  mutating func count() -> Int {
    var count = 0
    while moveToNextChunk() {
      switch outcome(of: 0, row: 0) {
      case .nobody: break
      case .leaf(let leaf): count += leaves[leaf].chunks[places[leaf]].count
      case .row: count += rows[0].count
      }
      leaveChunk()
    }
    return count
  }

  /// Sets `key` to the least one of the chunks that are left.
  private mutating func moveToNextChunk() -> Bool {
    var least = Int.max
    for key in keys { least = min(least, key) }
    if least == .max { return false }
    key = least
    return true
  }

  private mutating func leaveChunk() {
    for leaf in keys.indices where keys[leaf] == key {
      places[leaf] += 1
      readKey(of: leaf)
    }
  }

  private mutating func readKey(of leaf: Int) {
    let place = places[leaf]
    keys[leaf] = place < leaves[leaf].chunks.count ? Int(leaves[leaf].chunks[place].key) : .max
  }

  /// Evaluates a node for the chunk `key`, in the row given if it needs one.
  private mutating func outcome(of number: Int, row: Int) -> Outcome {
    let node = nodes[number]
    if node.operation == .leaf { return keys[node.leaf] == key ? .leaf(node.leaf) : .nobody }
    guard let first = node.operands.first else { return .nobody }
    var whole = outcome(of: operands[first], row: row)
    for place in node.operands.dropFirst() {
      if case .nobody = whole, node.operation != .union { return .nobody }
      var partRow = row
      if case .row = whole { partRow = row + 1 }
      let part = outcome(of: operands[place], row: partRow)
      whole = combine(whole, part, by: node.operation, row: row, partRow: partRow)
    }
    return whole
  }

  private mutating func combine(
    _ whole: Outcome, _ part: Outcome, by operation: Operation, row: Int, partRow: Int
  ) -> Outcome {
    if case .nobody = whole { return operation == .union ? part : .nobody }
    if case .nobody = part { return operation == .intersection ? .nobody : whole }
    var own = lend(row)
    switch (whole, part) {
    case (.leaf(let a), .leaf(let b)): own.set(to: chunk(of: a), chunk(of: b), operation)
    // The part lies in the row of the whole, which needed none.
    case (.leaf(let a), .row): own.combine(below: chunk(of: a), operation)
    case (.row, .leaf(let b)): own.combine(chunk(of: b), operation)
    case (.row, .row): own.combine(rows[partRow], operation)
    case (.nobody, _), (_, .nobody): break
    }
    rows[row] = own
    return .row
  }

  private func chunk(of leaf: Int) -> UserChunk { leaves[leaf].chunks[places[leaf]] }

  /// Moves a row out, so that it is written to in place, and not to a copy.
  private mutating func lend(_ row: Int) -> BitmapRow {
    var lent = BitmapRow(words: [])
    swap(&lent, &rows[row])
    return lent
  }
}
