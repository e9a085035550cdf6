
namespace Fleetwright;

/// <summary>The capabilities of this build, as Program.cs lists them.</summary>
internal sealed class FeatureList(Func<IServiceCollection, IServiceCollection> add)
{
    public IServiceCollection AddTo(IServiceCollection services) => add(services);
}
