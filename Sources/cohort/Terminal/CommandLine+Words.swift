extension CommandLine {
  /// The words behind the program's name.
  ///
  /// - Returns: `nil` if one is not UTF-8. Repaired, it could name somebody else.
  static var words: [String]? {
    var words: [String] = []
    let (count, pointers) = unsafe (Int(argc), unsafeArgv)
    guard count > 1 else { return words }
    for index in 1..<count {
      guard let pointer = unsafe pointers[index],
        let word = unsafe String(validatingCString: pointer)
      else { return nil }
      words.append(word)
    }
    return words
  }
}
