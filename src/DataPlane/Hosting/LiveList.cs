using System.Collections;

namespace DataPlane.Hosting;

/// <summary>
/// A list that is replaced as a whole: who walks it sees one state of it. Any thread reads, one at a time writes.
/// </summary>
internal sealed class LiveList<T> : IReadOnlyList<T>
{
    private T[] _items = [];

    public int Count => Items.Length;

    public T this[int index] => Items[index];

    private T[] Items => Volatile.Read(ref _items);

    public void Add(T item) => Volatile.Write(ref _items, [.. Items, item]);

    public void Remove(Predicate<T> isLeaving) =>
        Volatile.Write(ref _items, [.. Items.Where(each => !isLeaving(each))]);

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
