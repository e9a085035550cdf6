using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Operations;

public sealed class PageTests
{
    [Fact]
    public void Of_FollowedByCursor_ShowsEveryItemOnce()
    {
        var items = Enumerable.Range(0, 25).Select(i => $"item{i:00}").Reverse().ToList();
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = Page.Of(items, item => item, cursor, 10);
            Assert.Equal(25, page.Total);
            seen.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(items.Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public void Of_ItemRemovedBetweenPages_LosesNoOther()
    {
        var items = Enumerable.Range(0, 6).Select(i => $"item{i}").ToList();
        var first = Page.Of(items, item => item, null, 3);
        items.Remove("item2");

        Assert.Equal(["item3", "item4", "item5"], Page.Of(items, item => item, first.NextCursor, 3).Items);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void Of_LimitOutOfRange_IsRefused(int limit) =>
        Assert.Equal(OperationError.Invalid, Assert.Throws<OperationException>(() => Page.Of(["a"], item => item, null, limit)).Error);

    [Fact]
    public void Of_NotACursor_IsRefused() =>
        Assert.Contains("cursor", Assert.Throws<OperationException>(() => Page.Of(["a"], item => item, "§§", 10)).Message, StringComparison.Ordinal);
}
