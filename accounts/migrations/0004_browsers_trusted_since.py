from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_drop_last_login")]

    operations = [
        migrations.AddField(
            model_name="account", name="browsers_trusted_since", field=models.DateTimeField(null=True)
        ),
    ]
